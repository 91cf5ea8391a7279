-- The invariants of the ledger, one row for each: how many cases were looked at, how many are
-- broken, and one of these. It is a single statement, and so looks at a single moment.

SELECT
    'each transfer is there once' AS invariant,
    count(*) AS counted,
    count(*) FILTER (WHERE times <> 1) AS broken,
    min('transfer ' || id) FILTER (WHERE times <> 1) AS example
FROM (
    SELECT id, count(*) AS times FROM teller.transfers GROUP BY id
) AS ids

UNION ALL
SELECT
    'the entries of a transfer sum to zero',
    count(*),
    count(*) FILTER (WHERE total <> 0),
    min('transfer ' || transfer_id) FILTER (WHERE total <> 0)
FROM (
    SELECT transfer_id, sum(amount) AS total FROM teller.entries GROUP BY transfer_id
) AS sums

UNION ALL
SELECT
    'a posted transfer has its debit and its credit and nothing more, a refused one has nothing',
    count(*),
    count(*) FILTER (WHERE NOT is_right),
    min('transfer ' || id) FILTER (WHERE NOT is_right)
FROM (
    SELECT
        transfers.id,
        CASE
            WHEN transfers.refusal IS NOT NULL THEN count(entries.amount) = 0
            ELSE
                count(entries.amount) = 2
                AND count(*) FILTER (
                    WHERE entries.account_id = transfers.debit_account
                        AND entries.amount = -transfers.amount
                ) = 1
                AND count(*) FILTER (
                    WHERE entries.account_id = transfers.credit_account
                        AND entries.amount = transfers.amount
                ) = 1
        END AS is_right
    FROM teller.transfers
    LEFT JOIN teller.entries ON entries.transfer_id = transfers.id
    GROUP BY transfers.id
) AS shapes

UNION ALL
SELECT
    'an entry belongs to a transfer and to an account of its currency',
    count(*),
    count(*) FILTER (WHERE transfers.currency IS DISTINCT FROM accounts.currency),
    min('account ' || entries.account_id || ', version ' || entries.version)
        FILTER (WHERE transfers.currency IS DISTINCT FROM accounts.currency)
FROM teller.entries
LEFT JOIN teller.transfers ON transfers.id = entries.transfer_id
LEFT JOIN teller.accounts ON accounts.id = entries.account_id

UNION ALL
SELECT
    'the balance of an account is the sum of its entries',
    count(*),
    count(*) FILTER (WHERE accounts.balance <> coalesce(sums.total, 0)),
    min('account ' || accounts.id) FILTER (WHERE accounts.balance <> coalesce(sums.total, 0))
FROM teller.accounts
LEFT JOIN (
    SELECT account_id, sum(amount) AS total FROM teller.entries GROUP BY account_id
) AS sums ON sums.account_id = accounts.id

UNION ALL
SELECT
    'the version of an account is the count of its entries',
    count(*),
    count(*) FILTER (WHERE accounts.version <> coalesce(counts.entries, 0)),
    min('account ' || accounts.id) FILTER (WHERE accounts.version <> coalesce(counts.entries, 0))
FROM teller.accounts
LEFT JOIN (
    SELECT account_id, count(*) AS entries FROM teller.entries GROUP BY account_id
) AS counts ON counts.account_id = accounts.id

UNION ALL
SELECT
    'each entry follows the one before: next version, balance carried on, time not earlier',
    count(*),
    count(*) FILTER (WHERE NOT follows),
    min('account ' || account_id || ', version ' || version) FILTER (WHERE NOT follows)
FROM (
    SELECT
        account_id,
        version,
        version = coalesce(lag(version) OVER earlier, 0) + 1
        AND balance_after::numeric = coalesce(lag(balance_after) OVER earlier, 0)::numeric + amount
        AND posted_at >= coalesce(lag(posted_at) OVER earlier, '-infinity') AS follows
    FROM teller.entries
    WINDOW earlier AS (PARTITION BY account_id ORDER BY version)
) AS steps

UNION ALL
SELECT
    'no account is below its limit',
    count(*),
    count(*) FILTER (WHERE balance::numeric - held < -overdraft_limit),
    min('account ' || id) FILTER (WHERE balance::numeric - held < -overdraft_limit)
FROM teller.accounts

UNION ALL
SELECT
    'a closed account is at zero and nothing was posted to it since',
    count(*),
    count(*) FILTER (WHERE is_used),
    min('account ' || id) FILTER (WHERE is_used)
FROM (
    SELECT
        accounts.id,
        accounts.balance <> 0 OR accounts.held <> 0 OR EXISTS (
            SELECT FROM teller.entries
            WHERE entries.account_id = accounts.id AND entries.posted_at > accounts.closed_at
        ) AS is_used
    FROM teller.accounts
    WHERE accounts.closed_at IS NOT NULL
) AS closed

UNION ALL
SELECT
    'a reversal mirrors one posted transfer, which has no other',
    count(*),
    count(*) FILTER (WHERE NOT is_right),
    min('transfer ' || id) FILTER (WHERE NOT is_right)
FROM (
    SELECT
        reversal.id,
        original.id IS NOT NULL
        AND original.refusal IS NULL
        AND reversal.debit_account = original.credit_account
        AND reversal.credit_account = original.debit_account
        AND reversal.amount = original.amount
        AND reversal.currency = original.currency
        AND count(*) OVER (PARTITION BY reversal.reverses) = 1 AS is_right
    FROM teller.transfers AS reversal
    LEFT JOIN teller.transfers AS original ON original.id = reversal.reverses
    WHERE reversal.reverses IS NOT NULL AND reversal.refusal IS NULL
) AS reversals

UNION ALL
SELECT
    'the accounts of a currency sum to zero',
    count(*),
    count(*) FILTER (WHERE total <> 0),
    min('currency ' || currency) FILTER (WHERE total <> 0)
FROM (
    SELECT currency, sum(balance) AS total FROM teller.accounts GROUP BY currency
) AS currencies

UNION ALL
SELECT
    'all accounts are of one bank',
    count(*),
    greatest(count(*) - 1, 0),
    CASE WHEN count(*) > 1 THEN 'banks ' || string_agg(bank, ', ' ORDER BY bank) END
FROM (
    SELECT DISTINCT bank FROM teller.accounts
) AS banks;
