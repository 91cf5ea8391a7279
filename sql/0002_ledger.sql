-- The double-entry ledger: accounts, the transfers that were asked for, and the entries they made.
--
-- Amounts are whole numbers of the currency's minor unit (ISO 4217). A transfer takes money from its
-- debit account and gives it to its credit account: these are the bank's books, where a customer's
-- account is a liability and a debit makes it smaller.

CREATE SCHEMA teller AUTHORIZATION teller_owner;

SET LOCAL ROLE teller_owner;

-- Tells this ledger from every other: a client that repeats a request knows that it is at the same bank.
CREATE TABLE teller.ledger (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one)
);
INSERT INTO teller.ledger DEFAULT VALUES;

-- The texts of an account, which never change. Domains: theirs are checked when a value is stored, where
-- a CHECK of the table would be worked out anew at each change of the balance.
CREATE DOMAIN teller.bank_code AS text
    CONSTRAINT bank_code_is_four_letters CHECK (value ~ '^[A-Z]{4}$');
CREATE DOMAIN teller.currency_code AS text
    CONSTRAINT currency_code_is_three_letters CHECK (value ~ '^[A-Z]{3}$');
CREATE DOMAIN teller.account_kind AS text
    CONSTRAINT account_kind_is_known CHECK (value IN ('customer', 'cash'));
CREATE DOMAIN teller.account_name AS text
    CONSTRAINT account_name_is_short
        CHECK (char_length(value) BETWEEN 1 AND 140 AND value !~ '[[:cntrl:]]');

-- The ten digits of the accounts that are opened; those below are for whoever sets the bank up.
CREATE SEQUENCE teller.account_numbers AS bigint MINVALUE 1000 MAXVALUE 9999999999;

CREATE TABLE teller.accounts (
    -- The ten digits of the account number. A database holds the accounts of one bank.
    id bigint PRIMARY KEY,
    -- The sum of the entries of the account.
    balance bigint NOT NULL DEFAULT 0,
    -- In the balance, but promised to someone.
    held bigint NOT NULL DEFAULT 0,
    -- How far below zero the balance may go, less what is held. NULL is no limit.
    overdraft_limit bigint DEFAULT 0,
    -- How many entries the account has: each one is the next version of its balance.
    version bigint NOT NULL DEFAULT 0,
    opened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- When the last entry was posted: no entry is earlier, even when the clock is set back.
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    closed_at timestamptz,
    bank teller.bank_code NOT NULL,
    currency teller.currency_code NOT NULL,
    kind teller.account_kind NOT NULL DEFAULT 'customer',
    name teller.account_name NOT NULL,

    CONSTRAINT accounts_id_has_ten_digits CHECK (id BETWEEN 0 AND 9999999999),
    CONSTRAINT accounts_held_is_not_negative CHECK (held >= 0),
    CONSTRAINT accounts_version_is_not_negative CHECK (version >= 0),
    CONSTRAINT accounts_limit_is_not_negative CHECK (overdraft_limit >= 0),
    -- Money enters and leaves the bank through its cash accounts, which mirror the outside world.
    CONSTRAINT accounts_only_cash_has_no_limit
        CHECK ((kind = 'cash') = (overdraft_limit IS NULL)),
    -- Always true of a NULL limit.
    CONSTRAINT accounts_balance_is_within_limit CHECK (balance - held >= -overdraft_limit),
    CONSTRAINT accounts_close_at_zero
        CHECK (closed_at IS NULL OR (balance = 0 AND held = 0 AND closed_at >= opened_at))
)
-- Room on each page for the new versions of rows that change with every transfer. No index names a
-- column that changes, so these updates stay on the page (heap-only tuples).
WITH (fillfactor = 70);

CREATE UNIQUE INDEX accounts_one_cash_a_currency ON teller.accounts (currency)
WHERE kind = 'cash';

-- Every request that was asked, with what came of it. Refused ones are kept as well, as they were
-- asked for: a repeat gets the first answer. So their accounts need not exist, and their amount need
-- not be positive.
CREATE TABLE teller.transfers (
    -- Made by the client; the idempotency key on every hop.
    id uuid PRIMARY KEY,
    -- Absent when it was refused before they were known: a deposit's cash account, a hold's accounts.
    debit_account bigint,
    credit_account bigint,
    amount bigint,
    -- By the database's clock.
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- How long a hold was to last.
    hold_seconds bigint,
    -- The transfer that this one undoes.
    reverses uuid,
    -- The hold that this one posts or voids.
    hold uuid,
    kind text NOT NULL DEFAULT 'transfer',
    currency text,
    memo text,
    -- Why nothing was done, such as 'insufficient_funds'; NULL when it was.
    refusal text,

    CONSTRAINT transfers_kind_is_known CHECK (
        kind IN ('transfer', 'deposit', 'withdrawal', 'hold', 'post', 'void', 'reversal')
    ),
    CONSTRAINT transfers_currency_is_a_code CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT transfers_memo_is_short
        CHECK (char_length(memo) <= 140 AND memo !~ '[[:cntrl:]]'),
    CONSTRAINT transfers_refusal_is_a_code CHECK (refusal ~ '^[a-z][a-z_]*$'),
    CONSTRAINT transfers_done_are_complete CHECK (
        refusal IS NOT NULL OR (
            amount IS NOT NULL AND amount > 0
            AND debit_account IS NOT NULL AND credit_account IS NOT NULL
            AND debit_account <> credit_account AND currency IS NOT NULL
        )
    ),
    CONSTRAINT transfers_say_what_they_are_about CHECK (
        (kind = 'hold') = (hold_seconds IS NOT NULL)
        AND (kind IN ('post', 'void')) = (hold IS NOT NULL)
        AND (kind = 'reversal') = (reverses IS NOT NULL)
    ),
    CONSTRAINT transfers_reverse_another CHECK (refusal IS NOT NULL OR reverses <> id)
);

CREATE UNIQUE INDEX transfers_reversed_once ON teller.transfers (reverses)
WHERE reverses IS NOT NULL AND refusal IS NULL;

CREATE UNIQUE INDEX transfers_resolve_a_hold_once ON teller.transfers (hold)
WHERE hold IS NOT NULL AND refusal IS NULL;

-- Money promised from one account to another: in the debit account's balance, and in its `held` while
-- it is pending. Without foreign keys to the accounts, as its transfer has none: they would be looked
-- at with each change of a balance.
CREATE TABLE teller.holds (
    -- The transfer that made it.
    id uuid PRIMARY KEY REFERENCES teller.transfers,
    debit_account bigint NOT NULL,
    credit_account bigint NOT NULL,
    amount bigint NOT NULL,
    expires_at timestamptz NOT NULL,
    -- The transfer that posted or voided it.
    resolved_by uuid REFERENCES teller.transfers,
    currency text NOT NULL,
    state text NOT NULL DEFAULT 'pending',

    CONSTRAINT holds_amount_is_positive CHECK (amount > 0),
    CONSTRAINT holds_state_is_known
        CHECK (state IN ('pending', 'posted', 'voided', 'expired')),
    CONSTRAINT holds_are_resolved_by_a_transfer
        CHECK ((state IN ('posted', 'voided')) = (resolved_by IS NOT NULL))
);

CREATE INDEX holds_pending_of_an_account ON teller.holds (debit_account, expires_at)
WHERE state = 'pending';

CREATE INDEX holds_due ON teller.holds (expires_at) WHERE state = 'pending';

-- What is still held of an account: less what is due, which is free whether or not its row says so yet.
-- A function, since a subquery would be set up for each statement, also where nothing is held.
CREATE FUNCTION teller.held_now(account bigint, held bigint) RETURNS bigint
STABLE LANGUAGE sql AS $$
    SELECT $2 - coalesce(sum(amount), 0)::bigint FROM teller.holds
    WHERE debit_account = $1 AND state = 'pending' AND expires_at <= statement_timestamp()
$$;

-- Requests to open and to close an account, kept as transfers are.
CREATE TABLE teller.account_requests (
    id uuid PRIMARY KEY,
    -- The account that was opened, or that was to be closed.
    account_id bigint,
    overdraft_limit bigint,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind text NOT NULL,
    -- Of an account to open.
    currency text,
    name text,
    refusal text,

    CONSTRAINT account_requests_kind_is_known CHECK (kind IN ('open', 'close')),
    CONSTRAINT account_requests_refusal_is_a_code CHECK (refusal ~ '^[a-z][a-z_]*$')
);

-- Two entries for each posted transfer. Never updated, never deleted.
--
-- Without foreign keys: the transaction that makes an entry has its account locked and inserts its
-- transfer, neither is ever deleted, and the audit looks for entries that lack one. To check each of
-- them again took 20 of the 66 microseconds of PostgreSQL's time that a transfer cost, in batches of
-- 100. The indexes by time and by transfer take next to nothing of it, and 180 bytes each of the 1490
-- that a transfer writes to the log.
CREATE TABLE teller.entries (
    account_id bigint NOT NULL,
    -- The account's version with this entry: 1, 2, 3 … without gaps. The order of a statement.
    version bigint NOT NULL,
    -- Negative for the debit, positive for the credit.
    amount bigint NOT NULL,
    balance_after bigint NOT NULL,
    -- Taken while the account is locked, so that it grows with the version: what was at a time is found
    -- by version, and needs no index.
    posted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    transfer_id uuid NOT NULL,

    CONSTRAINT entries_version_is_positive CHECK (version > 0),
    CONSTRAINT entries_amount_is_not_zero CHECK (amount <> 0),
    PRIMARY KEY (account_id, version),
    -- Also finds the entries of a transfer.
    CONSTRAINT entries_one_an_account_and_transfer UNIQUE (transfer_id, account_id)
);

GRANT USAGE ON SCHEMA teller TO teller_app;
GRANT USAGE ON SEQUENCE teller.account_numbers TO teller_app;
GRANT SELECT ON ALL TABLES IN SCHEMA teller TO teller_app;
-- What is written stays as it was written; only an account's state and a hold's change.
GRANT INSERT ON teller.accounts, teller.transfers, teller.entries, teller.holds,
    teller.account_requests TO teller_app;
GRANT UPDATE (balance, held, version, changed_at, closed_at) ON teller.accounts TO teller_app;
GRANT UPDATE (state, resolved_by) ON teller.holds TO teller_app;

RESET ROLE;
