-- What is new stays within bounds, and an account that is owed money is found.
--
-- NOT VALID: what a ledger has already may be larger, and stays as it is.

SET LOCAL ROLE teller_owner;

-- A post or a reversal may be of a hold or a transfer of before.
ALTER TABLE teller.transfers ADD CONSTRAINT transfers_amount_is_within_bounds CHECK (
    refusal IS NOT NULL OR kind IN ('post', 'void', 'reversal') OR amount <= 1000000000000000
) NOT VALID;

-- 2^62. Of the requests and not of the accounts, whose rows change while their limit stays.
ALTER TABLE teller.account_requests ADD CONSTRAINT account_requests_limit_is_within_bounds CHECK (
    refusal IS NOT NULL OR overdraft_limit <= 4611686018427387904
) NOT VALID;

CREATE INDEX holds_pending_for_an_account ON teller.holds (credit_account)
WHERE state = 'pending';

RESET ROLE;
