-- The invariants of the ledger, one row for each: how many cases were looked at, how many are
-- broken, and one of these. It is a single statement, and so looks at a single moment.
--
-- The entries are read twice, once in the order of the accounts and once by transfer, and each pass
-- serves all the invariants that need it. What is not known to be right counts as broken.

WITH
-- Each account's entries, held against each other.
books AS MATERIALIZED (
    SELECT
        account_id,
        count(*) AS entries,
        sum(amount) AS total,
        max(posted_at) AS last_posted_at,
        count(*) FILTER (WHERE follows IS NOT TRUE) AS astray,
        min(version) FILTER (WHERE follows IS NOT TRUE) AS first_astray
    FROM (
        SELECT
            account_id, version, amount, posted_at,
            version = coalesce(lag(version) OVER earlier, 0) + 1
            AND balance_after::numeric
                = coalesce(lag(balance_after) OVER earlier, 0)::numeric + amount
            AND posted_at >= coalesce(lag(posted_at) OVER earlier, '-infinity') AS follows
        FROM teller.entries
        WINDOW earlier AS (PARTITION BY account_id ORDER BY version)
    ) AS steps
    GROUP BY account_id
),
promised AS (
    SELECT debit_account AS account_id, sum(amount) AS total
    FROM teller.holds WHERE state = 'pending' GROUP BY debit_account
),
account_checks AS MATERIALIZED (
    SELECT
        accounts.id,
        accounts.balance = coalesce(books.total, 0) AS has_balance,
        accounts.version = coalesce(books.entries, 0) AS has_version,
        accounts.held = coalesce(promised.total, 0) AS has_held,
        accounts.overdraft_limit IS NULL
            OR accounts.balance::numeric - accounts.held >= -accounts.overdraft_limit AS has_limit,
        accounts.changed_at,
        accounts.changed_at >= coalesce(books.last_posted_at, '-infinity') AS has_change,
        accounts.closed_at,
        accounts.balance = 0 AND accounts.held = 0
            AND accounts.closed_at >= coalesce(books.last_posted_at, '-infinity') AS has_end
    FROM teller.accounts
    LEFT JOIN books ON books.account_id = accounts.id
    LEFT JOIN promised ON promised.account_id = accounts.id
),
account_counts AS (
    SELECT
        count(*) AS accounts,
        max(changed_at) AS latest_change,
        count(*) FILTER (WHERE has_balance IS NOT TRUE) AS balance,
        min(id) FILTER (WHERE has_balance IS NOT TRUE) AS balance_at,
        count(*) FILTER (WHERE has_version IS NOT TRUE) AS version,
        min(id) FILTER (WHERE has_version IS NOT TRUE) AS version_at,
        count(*) FILTER (WHERE has_held IS NOT TRUE) AS held,
        min(id) FILTER (WHERE has_held IS NOT TRUE) AS held_at,
        count(*) FILTER (WHERE has_limit IS NOT TRUE) AS below,
        min(id) FILTER (WHERE has_limit IS NOT TRUE) AS below_at,
        count(*) FILTER (WHERE has_change IS NOT TRUE) AS changed,
        min(id) FILTER (WHERE has_change IS NOT TRUE) AS changed_at,
        count(*) FILTER (WHERE closed_at IS NOT NULL) AS closed,
        count(*) FILTER (WHERE closed_at IS NOT NULL AND has_end IS NOT TRUE) AS reopened,
        min(id) FILTER (WHERE closed_at IS NOT NULL AND has_end IS NOT TRUE) AS reopened_at
    FROM account_checks
),

-- Each transfer beside its entries.
transfer_entries AS (
    SELECT
        id,
        count(due) AS times,
        count(entry) AS entries,
        coalesce(sum(entry), 0) AS total,
        CASE
            WHEN max(due) = 0 THEN count(entry) = 0
            ELSE
                count(entry) = 2
                AND min(entry) = -max(moved) AND max(entry) = max(moved)
                AND max(account_id) FILTER (WHERE entry < 0) = max(debit_account)
                AND max(account_id) FILTER (WHERE entry > 0) = max(credit_account)
        END AS is_whole
    FROM (
        SELECT
            id,
            CASE WHEN refusal IS NULL AND kind NOT IN ('hold', 'void') THEN 2 ELSE 0 END AS due,
            debit_account, credit_account, amount AS moved,
            NULL::bigint AS account_id, NULL::bigint AS entry
        FROM teller.transfers
        UNION ALL
        SELECT transfer_id, NULL, NULL, NULL, NULL, account_id, amount
        FROM teller.entries
    ) AS rows_of_both
    GROUP BY id
),
transfer_counts AS (
    SELECT
        count(*) FILTER (WHERE times > 0) AS transfers,
        count(*) FILTER (WHERE times > 1) AS repeated,
        min(id::text) FILTER (WHERE times > 1) AS repeated_at,
        count(*) FILTER (WHERE entries > 0) AS posted,
        count(*) FILTER (WHERE total <> 0) AS uneven,
        min(id::text) FILTER (WHERE total <> 0) AS uneven_at,
        count(*) AS all_ids,
        count(*) FILTER (WHERE is_whole IS NOT TRUE) AS partial,
        min(id::text) FILTER (WHERE is_whole IS NOT TRUE) AS partial_at
    FROM transfer_entries
),

-- Each transfer that was done, beside its accounts.
transfer_accounts AS (
    SELECT
        transfers.id,
        transfers.kind IN ('deposit', 'withdrawal') AS is_cash,
        -- A hold moves nothing, and one on cash cannot be posted.
        transfers.kind NOT IN ('hold', 'void')
            AND (debit.kind = 'cash' OR credit.kind = 'cash') AS touches_cash,
        transfers.kind IN ('deposit', 'withdrawal', 'reversal') AS may_touch_cash,
        transfers.currency = debit.currency AND transfers.currency = credit.currency
            AS has_currency,
        CASE transfers.kind
            WHEN 'deposit' THEN debit.kind = 'cash' AND credit.kind = 'customer'
            WHEN 'withdrawal' THEN debit.kind = 'customer' AND credit.kind = 'cash'
        END AS has_cash
    FROM teller.transfers
    LEFT JOIN teller.accounts AS debit ON debit.id = transfers.debit_account
    LEFT JOIN teller.accounts AS credit ON credit.id = transfers.credit_account
    WHERE transfers.refusal IS NULL
),
currency_counts AS (
    SELECT
        count(*) AS transfers,
        count(*) FILTER (WHERE has_currency IS NOT TRUE) AS mixed,
        min(id::text) FILTER (WHERE has_currency IS NOT TRUE) AS mixed_at,
        count(*) FILTER (WHERE is_cash) AS cash,
        count(*) FILTER (WHERE is_cash AND has_cash IS NOT TRUE) AS misplaced,
        min(id::text) FILTER (WHERE is_cash AND has_cash IS NOT TRUE) AS misplaced_at,
        count(*) FILTER (WHERE touches_cash) AS touching,
        count(*) FILTER (WHERE touches_cash AND NOT may_touch_cash) AS trespassing,
        min(id::text) FILTER (WHERE touches_cash AND NOT may_touch_cash) AS trespassing_at
    FROM transfer_accounts
),

-- Each hold beside the transfer that made it; either may be missing.
hold_makers AS (
    SELECT
        coalesce(holds.id, maker.id) AS id,
        holds.debit_account = maker.debit_account
            AND holds.credit_account = maker.credit_account
            AND holds.amount = maker.amount
            AND holds.currency = maker.currency
            AND holds.expires_at
                = maker.created_at + maker.hold_seconds * interval '1 second' AS is_right
    FROM teller.holds
    FULL JOIN (
        SELECT * FROM teller.transfers WHERE kind = 'hold' AND refusal IS NULL
    ) AS maker ON maker.id = holds.id
),
-- Each hold beside the transfers that resolved it; either may be missing.
hold_endings AS MATERIALIZED (
    SELECT
        coalesce(holds.id, ending.hold) AS id,
        holds.state,
        holds.expires_at,
        ending.created_at AS ended_at,
        CASE holds.state
            WHEN 'posted' THEN ending.id = holds.resolved_by AND ending.kind = 'post'
            WHEN 'voided' THEN ending.id = holds.resolved_by AND ending.kind = 'void'
            ELSE holds.id IS NOT NULL AND ending.id IS NULL AND holds.resolved_by IS NULL
        END
        AND count(*) OVER (PARTITION BY coalesce(holds.id, ending.hold)) = 1 AS is_right,
        ending.amount <= holds.amount
            AND ending.debit_account = holds.debit_account
            AND ending.credit_account = holds.credit_account
            AND ending.currency = holds.currency AS is_within
    FROM teller.holds
    FULL JOIN (
        SELECT * FROM teller.transfers WHERE kind IN ('post', 'void') AND refusal IS NULL
    ) AS ending ON ending.hold = holds.id
),

reversals AS (
    SELECT
        reversal.id,
        original.refusal IS NULL
            AND original.kind NOT IN ('hold', 'void')
            AND reversal.debit_account = original.credit_account
            AND reversal.credit_account = original.debit_account
            AND reversal.amount = original.amount
            AND reversal.currency = original.currency
            AND count(*) OVER (PARTITION BY reversal.reverses) = 1 AS is_right
    FROM teller.transfers AS reversal
    LEFT JOIN teller.transfers AS original ON original.id = reversal.reverses
    WHERE reversal.kind = 'reversal' AND reversal.refusal IS NULL
),

account_requests_done AS MATERIALIZED (
    SELECT
        requests.id,
        requests.kind,
        CASE requests.kind
            WHEN 'open' THEN
                accounts.kind = 'customer'
                AND accounts.name = requests.name
                AND accounts.currency = requests.currency
                AND accounts.overdraft_limit = requests.overdraft_limit
            WHEN 'close' THEN accounts.closed_at IS NOT NULL
        END
        AND count(*) OVER (PARTITION BY requests.kind, requests.account_id) = 1 AS is_right
    FROM teller.account_requests AS requests
    LEFT JOIN teller.accounts ON accounts.id = requests.account_id
    WHERE requests.refusal IS NULL
)

SELECT checks.*
FROM account_counts, transfer_counts, currency_counts,
LATERAL (
    VALUES
        ('each transfer is there once',
            transfer_counts.transfers, repeated, 'transfer ' || repeated_at),
        ('the entries of a transfer sum to zero', posted, uneven, 'transfer ' || uneven_at),
        ('a transfer has its debit and its credit, or none',
            all_ids, partial, 'transfer ' || partial_at),
        ('a transfer is in the currency of its accounts',
            currency_counts.transfers, mixed, 'transfer ' || mixed_at),
        ('deposits and withdrawals go through cash', cash, misplaced, 'transfer ' || misplaced_at),
        ('only deposits, withdrawals and reversals touch cash',
            touching, trespassing, 'transfer ' || trespassing_at),
        ('a balance is the sum of the account''s entries',
            accounts, balance, 'account ' || balance_at),
        ('a version is the count of the account''s entries',
            accounts, version, 'account ' || version_at),
        ('held is the sum of the account''s pending holds', accounts, held, 'account ' || held_at),
        ('no account is below its limit', accounts, below, 'account ' || below_at),
        ('no entry is later than its account''s last change',
            accounts, changed, 'account ' || changed_at),
        ('a closed account is at zero for good', closed, reopened, 'account ' || reopened_at)
) AS checks (invariant, counted, broken, example)

UNION ALL
SELECT
    'each entry follows the one before',
    coalesce(sum(entries), 0)::bigint,
    coalesce(sum(astray), 0)::bigint,
    min('account ' || account_id || ', version ' || first_astray)
FROM books

UNION ALL
SELECT
    'a hold is as its transfer made it',
    count(*),
    count(*) FILTER (WHERE is_right IS NOT TRUE),
    min('hold ' || id) FILTER (WHERE is_right IS NOT TRUE)
FROM hold_makers

UNION ALL
SELECT
    'a hold was posted, voided or expired, once',
    count(*),
    count(*) FILTER (WHERE is_right IS NOT TRUE),
    min('hold ' || id) FILTER (WHERE is_right IS NOT TRUE)
FROM hold_endings

UNION ALL
-- When the clock was set back since, the accounts may have seen a later time than it tells now.
SELECT
    'a hold was posted or voided before it was due, or expired then',
    count(*),
    count(*) FILTER (WHERE state <> 'pending' AND is_timely IS NOT TRUE),
    min('hold ' || id) FILTER (WHERE state <> 'pending' AND is_timely IS NOT TRUE)
FROM (
    SELECT
        hold_endings.id,
        hold_endings.state,
        CASE hold_endings.state
            WHEN 'expired'
                THEN expires_at <= greatest(clock_timestamp(), account_counts.latest_change)
            ELSE ended_at < expires_at
        END AS is_timely
    FROM hold_endings, account_counts
) AS ends

UNION ALL
SELECT
    'a hold was posted within its bounds',
    count(*) FILTER (WHERE state = 'posted'),
    count(*) FILTER (WHERE state = 'posted' AND is_within IS NOT TRUE),
    min('hold ' || id) FILTER (WHERE state = 'posted' AND is_within IS NOT TRUE)
FROM hold_endings

UNION ALL
-- Those that were due when it was closed are none.
SELECT
    'no pending hold is for a closed account',
    count(*),
    count(*) FILTER (WHERE state = 'pending' AND expires_at > closed_at),
    min('hold ' || holds.id) FILTER (WHERE state = 'pending' AND expires_at > closed_at)
FROM teller.holds
LEFT JOIN teller.accounts ON accounts.id = credit_account

UNION ALL
SELECT
    'a reversal mirrors one transfer, once',
    count(*),
    count(*) FILTER (WHERE is_right IS NOT TRUE),
    min('transfer ' || id) FILTER (WHERE is_right IS NOT TRUE)
FROM reversals

UNION ALL
SELECT
    'an account was opened once, as asked',
    count(*) FILTER (WHERE kind = 'open'),
    count(*) FILTER (WHERE kind = 'open' AND is_right IS NOT TRUE),
    min('request ' || id) FILTER (WHERE kind = 'open' AND is_right IS NOT TRUE)
FROM account_requests_done

UNION ALL
SELECT
    'an account was closed once, as asked',
    count(*) FILTER (WHERE kind = 'close'),
    count(*) FILTER (WHERE kind = 'close' AND is_right IS NOT TRUE),
    min('request ' || id) FILTER (WHERE kind = 'close' AND is_right IS NOT TRUE)
FROM account_requests_done

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
) AS banks

UNION ALL
SELECT
    'the ledger has one id',
    count(*),
    abs(count(*) - 1),
    CASE WHEN count(*) <> 1 THEN count(*) || ' ids' END
FROM teller.ledger;
