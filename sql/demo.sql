-- A small bank to try things on. Run again, it changes nothing, whatever has happened since.

DO $$
BEGIN
    IF EXISTS (SELECT FROM teller.accounts WHERE bank <> 'DEMO') THEN
        RAISE EXCEPTION 'the demo data is for the bank DEMO, and this database belongs to another'
            USING HINT = 'Load it into a database of its own.';
    END IF;
END
$$;

SET LOCAL ROLE teller_owner;

INSERT INTO teller.accounts
    (id, bank, kind, name, currency, overdraft_limit, opened_at, closed_at, changed_at)
SELECT *, opened_at
FROM (
    VALUES
        (1, 'DEMO', 'cash', 'Cash, US dollars', 'USD', NULL::bigint,
            '2023-01-02 09:00+00'::timestamptz, NULL::timestamptz),
        (2, 'DEMO', 'cash', 'Cash, euros', 'EUR', NULL, '2023-01-02 09:00+00', NULL),
        (3, 'DEMO', 'cash', 'Cash, yen', 'JPY', NULL, '2023-01-02 09:00+00', NULL),
        (17, 'DEMO', 'customer', 'Alice, everyday', 'USD', 0, '2023-02-13 10:21+00', NULL),
        (18, 'DEMO', 'customer', 'Alice, savings', 'USD', 0, '2023-02-13 10:34+00', NULL),
        (19, 'DEMO', 'customer', 'Alice, holidays', 'EUR', 0, '2024-05-03 16:02+00', NULL),
        (21, 'DEMO', 'customer', 'Bruno, everyday', 'EUR', 50000, '2023-04-20 08:15+00', NULL),
        (22, 'DEMO', 'customer', 'Bruno, savings', 'EUR', 0, '2023-09-01 12:40+00', NULL),
        (31, 'DEMO', 'customer', 'Chiara, everyday', 'EUR', 0, '2023-06-07 14:55+00', NULL),
        (32, 'DEMO', 'customer', 'Chiara, Boston', 'USD', 0, '2023-08-28 09:30+00',
            '2024-06-30 11:00+00'),
        (41, 'DEMO', 'customer', 'Daniel, everyday', 'USD', 20000, '2023-11-15 17:12+00', NULL),
        (42, 'DEMO', 'customer', 'Daniel, Tokyo', 'JPY', 0, '2024-03-01 07:45+00', NULL),
        (51, 'DEMO', 'customer', 'Emi, everyday', 'JPY', 0, '2024-01-09 01:20+00', NULL),
        (52, 'DEMO', 'customer', 'Emi, savings', 'JPY', 0, '2024-01-09 01:26+00', NULL)
) AS accounts (id, bank, kind, name, currency, overdraft_limit, opened_at, closed_at)
ON CONFLICT DO NOTHING;

-- Each of them signs in by her first name.
UPDATE teller.accounts SET owner = lower(split_part(name, ',', 1))
WHERE id <= 52 AND kind = 'customer' AND owner IS NULL
    AND split_part(name, ',', 1) IN ('Alice', 'Bruno', 'Chiara', 'Daniel', 'Emi');

-- Nobody posts between the balances that are read below and those that are written.
SELECT id FROM teller.accounts WHERE id <= 52 ORDER BY id FOR UPDATE;

WITH asked (id, debit_account, credit_account, amount, currency, created_at, memo) AS (
    VALUES
        -- Deposits come from the bank's cash account of the currency, withdrawals go to it.
        (1, 1, 17, 250000, 'USD', '2023-02-13 10:25+00', 'Deposit'),
        (2, 17, 18, 100000, 'USD', '2023-02-13 10:40+00', 'To savings'),
        (3, 2, 21, 80000, 'EUR', '2023-04-20 08:20+00', 'Deposit'),
        (4, 2, 31, 310000, 'EUR', '2023-06-07 15:00+00', 'Salary, June'),
        (5, 1, 32, 120000, 'USD', '2023-08-28 09:35+00', 'Deposit'),
        (6, 21, 22, 30000, 'EUR', '2023-09-01 12:45+00', 'To savings'),
        (7, 1, 41, 45000, 'USD', '2023-11-15 17:20+00', 'Deposit'),
        (8, 3, 51, 280000, 'JPY', '2024-01-25 00:10+00', 'Salary, January'),
        (9, 51, 52, 100000, 'JPY', '2024-01-25 00:30+00', 'To savings'),
        (10, 3, 42, 75000, 'JPY', '2024-03-01 07:50+00', 'Deposit'),
        (11, 42, 51, 12800, 'JPY', '2024-03-18 11:05+00', 'Dinner in Shinjuku'),
        (12, 2, 19, 60000, 'EUR', '2024-05-03 16:10+00', 'Deposit'),
        (13, 32, 17, 12345, 'USD', '2024-06-28 13:00+00', 'The sofa'),
        (14, 32, 1, 107655, 'USD', '2024-06-30 10:55+00', 'Withdrawal, account closed'),
        (15, 31, 21, 4250, 'EUR', '2024-07-14 19:30+00', 'Concert tickets'),
        (16, 21, 2, 66300, 'EUR', '2024-08-01 06:00+00', 'Rent, August'),
        (17, 17, 41, 38889, 'USD', '2024-09-09 15:45+00', 'Bicycle')
),
posted AS (
    INSERT INTO teller.transfers
        (id, kind, debit_account, credit_account, amount, currency, created_at, memo)
    SELECT
        ('0000de30-0000-7000-8000-' || lpad(id::text, 12, '0'))::uuid,
        CASE
            WHEN debit_account IN (1, 2, 3) THEN 'deposit'
            WHEN credit_account IN (1, 2, 3) THEN 'withdrawal'
            ELSE 'transfer'
        END,
        debit_account, credit_account, amount, currency, created_at::timestamptz, memo
    FROM asked
    -- Those that are there already make no entries again.
    ON CONFLICT (id) DO NOTHING
    RETURNING id, debit_account, credit_account, amount, created_at
),
movements AS (
    SELECT id AS transfer_id, debit_account AS account_id, -amount AS amount, created_at FROM posted
    UNION ALL
    SELECT id, credit_account, amount, created_at FROM posted
),
entered AS (
    INSERT INTO teller.entries
        (account_id, version, amount, balance_after, posted_at, transfer_id)
    SELECT
        movements.account_id,
        accounts.version + row_number() OVER earlier,
        movements.amount,
        accounts.balance + sum(movements.amount) OVER earlier,
        movements.created_at,
        movements.transfer_id
    FROM movements
    JOIN teller.accounts ON accounts.id = movements.account_id
    WINDOW earlier AS (
        PARTITION BY movements.account_id ORDER BY movements.created_at, movements.transfer_id
    )
    RETURNING account_id, amount, posted_at
)
UPDATE teller.accounts
SET
    balance = balance + change.amount,
    version = version + change.entries,
    changed_at = greatest(changed_at, change.posted_at)
FROM (
    SELECT account_id, sum(amount) AS amount, count(*) AS entries, max(posted_at) AS posted_at
    FROM entered GROUP BY account_id
) AS change
WHERE accounts.id = change.account_id;

RESET ROLE;
