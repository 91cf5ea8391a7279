-- A million US dollars for each of the first 10,000 accounts of `accounts.sql`, by a deposit with its two
-- entries, so that the audit stays clean.

SET ROLE teller_owner;

BEGIN;

SELECT balance AS cash_balance, version AS cash_version FROM teller.accounts WHERE id = 1 FOR UPDATE \gset

INSERT INTO teller.transfers (id, kind, debit_account, credit_account, amount, currency, memo)
SELECT gen_random_uuid(), 'deposit', 1, number, 100000000, 'USD', 'Funds to measure with'
FROM generate_series(1000001, 1010000) AS number;

WITH numbered AS (
    SELECT id, credit_account, amount, row_number() OVER (ORDER BY credit_account) AS turn
    FROM teller.transfers WHERE memo = 'Funds to measure with'
)
INSERT INTO teller.entries (account_id, version, amount, balance_after, posted_at, transfer_id)
SELECT 1, :cash_version + turn, -amount, :cash_balance - turn * amount, now(), id FROM numbered
UNION ALL
SELECT credit_account, 1, amount, amount, now(), id FROM numbered;

UPDATE teller.accounts SET balance = 100000000, version = 1, changed_at = now()
WHERE id BETWEEN 1000001 AND 1010000;

UPDATE teller.accounts
SET balance = balance - 10000 * 100000000::bigint, version = version + 10000, changed_at = now()
WHERE id = 1;

COMMIT;

RESET ROLE;

VACUUM ANALYZE;
