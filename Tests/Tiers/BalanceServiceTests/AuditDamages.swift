/// Statements that break the books, on top of ``LedgerSQL/something`` and an account's opening and closing.
extension LedgerSQL {
    /// By the invariant that is to find it.
    static let damages: KeyValuePairs<String, [String]> = [
        "each transfer is there once": [
            """
            ALTER TABLE teller.transfers DROP CONSTRAINT transfers_pkey CASCADE;
            DROP INDEX teller.transfers_resolve_a_hold_once;
            INSERT INTO teller.transfers SELECT * FROM teller.transfers WHERE id = '\(id(15))'
            """
        ],
        "the entries of a transfer sum to zero": [
            "UPDATE teller.entries SET amount = amount + 1 WHERE account_id = 17 AND version = 1"
        ],
        "a transfer has its debit and its credit, or none": [
            "DELETE FROM teller.entries WHERE account_id = 17 AND version = 1",
            "UPDATE teller.transfers SET refusal = 'same_account' WHERE id = '\(id(1))'",
            """
            UPDATE teller.entries SET transfer_id = '\(id(99))'
            WHERE transfer_id = '\(id(1))'
            """,
        ],
        "a transfer is in the currency of its accounts": [
            "UPDATE teller.transfers SET currency = 'EUR' WHERE id = '\(id(1))'"
        ],
        "deposits and withdrawals go through cash": [
            "UPDATE teller.transfers SET kind = 'withdrawal' WHERE id = '\(id(2))'"
        ],
        "only deposits, withdrawals and reversals touch cash": [
            "UPDATE teller.transfers SET kind = 'transfer' WHERE id = '\(id(2))'",
            transfer(98, from: 1, to: 17, 5),
        ], "no pending hold is for a closed account": [hold(98, from: 17, to: 32, 5)],
        "a balance is the sum of the account's entries": [
            "UPDATE teller.accounts SET balance = balance + 1 WHERE id = 17"
        ],
        "a version is the count of the account's entries": [
            "UPDATE teller.accounts SET version = version + 1 WHERE id = 17"
        ],
        "held is the sum of the account's pending holds": [
            "UPDATE teller.accounts SET held = held + 1 WHERE id = 17",
            "UPDATE teller.holds SET state = 'expired' WHERE id = '\(id(10))'",
        ],
        "no account is below its limit": [
            """
            ALTER TABLE teller.accounts DROP CONSTRAINT accounts_balance_is_within_limit;
            UPDATE teller.accounts SET held = balance + 1 WHERE id = 17
            """
        ],
        "no entry is later than its account's last change": [
            "UPDATE teller.accounts SET changed_at = opened_at WHERE id = 17"
        ],
        "a closed account is at zero for good": [
            "UPDATE teller.accounts SET closed_at = '2024-06-29' WHERE id = 32"
        ],
        "each entry follows the one before": [
            "UPDATE teller.entries SET balance_after = balance_after + 1 WHERE account_id = 17",
            "UPDATE teller.entries SET posted_at = 'infinity' WHERE account_id = 17 AND version = 1",
        ],
        "a hold is as its transfer made it": [
            "UPDATE teller.holds SET expires_at = 'infinity' WHERE id = '\(id(10))'",
            "DELETE FROM teller.holds WHERE id = '\(id(10))'",
        ],
        "a hold was posted, voided or expired, once": [
            """
            UPDATE teller.holds SET state = 'voided', resolved_by = '\(id(13))'
            WHERE id = '\(id(12))'
            """,
            """
            UPDATE teller.holds SET state = 'pending', resolved_by = NULL
            WHERE id = '\(id(14))'
            """,
            """
            DROP INDEX teller.transfers_resolve_a_hold_once;
            \(void(98, hold: 12))
            """,
        ],
        "a hold was posted or voided before it was due, or expired then": [
            """
            UPDATE teller.holds SET expires_at = clock_timestamp() + interval '1 minute'
            WHERE id = '\(id(16))'
            """,
            """
            UPDATE teller.holds SET expires_at = ending.created_at
            FROM teller.transfers AS ending
            WHERE holds.id = '\(id(12))' AND ending.hold = holds.id
            """,
            """
            UPDATE teller.transfers SET created_at = created_at + interval '1 hour'
            WHERE id = '\(id(15))'
            """,
        ],
        "a hold was posted within its bounds": [
            "UPDATE teller.holds SET amount = 59 WHERE id = '\(id(12))'"
        ],
        "a reversal mirrors one transfer, once": [
            "UPDATE teller.transfers SET amount = 299 WHERE id = '\(id(20))'",
            """
            DROP INDEX teller.transfers_reversed_once;
            \(transfer(98, from: 18, to: 17, 300, kind: "reversal", reverses: 1))
            """,
        ],
        "an account was opened once, as asked": [
            "UPDATE teller.accounts SET name = 'Someone' WHERE id = 18",
            """
            INSERT INTO teller.account_requests
                (id, kind, account_id, name, currency, overdraft_limit)
            SELECT '\(id(98))', kind, account_id, name, currency, overdraft_limit
            FROM teller.account_requests WHERE kind = 'open'
            """,
        ],
        "an account was closed once, as asked": [
            "UPDATE teller.accounts SET closed_at = NULL WHERE id = 32"
        ],
        "the accounts of a currency sum to zero": [
            "UPDATE teller.accounts SET balance = balance + 1 WHERE id = 17"
        ],
        "all accounts are of one bank": ["UPDATE teller.accounts SET bank = 'ELSE' WHERE id = 17"],
        "the ledger has one id": ["DELETE FROM teller.ledger"],
    ]
}
