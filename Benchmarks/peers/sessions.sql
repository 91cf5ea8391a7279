-- Those who own the accounts of `accounts.sql`, customer-0 to customer-255, and an operator, each with a session that
-- goes on. The token of each is the SHA-256 of her name: see `harness.py`.

SET ROLE teller_owner;

INSERT INTO identity.people (name, rights, password)
SELECT 'customer-' || number, 'customer', '$argon2id$' FROM generate_series(0, 255) AS number
UNION ALL SELECT 'clerk', 'operator', '$argon2id$'
ON CONFLICT DO NOTHING;

INSERT INTO identity.sessions (token_hash, person, last_used_at, expires_at)
SELECT sha256(sha256(name::bytea)), id, now() + interval '1 year', now() + interval '1 year'
FROM identity.people WHERE name LIKE 'customer-%' OR name = 'clerk'
ON CONFLICT DO NOTHING;

UPDATE teller.accounts SET owner = 'customer-' || id % 256 WHERE id BETWEEN 1000001 AND 1100000;

RESET ROLE;

VACUUM ANALYZE teller.accounts;
