-- The ledger decides by whose session it is, in the transaction that writes. It reads no password's hash.

SET LOCAL ROLE teller_owner;

GRANT USAGE ON SCHEMA identity TO teller_app;
GRANT SELECT (id, name, rights, disabled_at) ON identity.people TO teller_app;
GRANT SELECT (token_hash, person, last_used_at, expires_at, ended_at) ON identity.sessions
    TO teller_app;

RESET ROLE;
