-- Sessions of long ago are deleted by the balance service. The trail says that there were any: it stays.

SET LOCAL ROLE teller_owner;

GRANT DELETE ON identity.sessions TO teller_identity;

CREATE INDEX sessions_by_expiry ON identity.sessions (expires_at);

RESET ROLE;
