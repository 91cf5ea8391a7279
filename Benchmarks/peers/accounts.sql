-- 100,000 accounts to measure reads on, empty, so that the audit stays clean.

SET ROLE teller_owner;

INSERT INTO teller.accounts (id, bank, name, currency, opened_at)
SELECT number, 'DEMO', 'Customer ' || number, 'USD', '2025-01-01 00:00+00'
FROM generate_series(1000001, 1100000) AS number
ON CONFLICT DO NOTHING;

RESET ROLE;

VACUUM ANALYZE teller.accounts;
