import Foundation

/// Statements that write to the ledger as its owner, in the way that a posting does.
enum LedgerSQL {
    /// The id of a transfer of a test.
    static func id(_ number: Int) -> String {
        let digits = "\(number)"
        return "0000aaaa-0000-7000-8000-" + String(repeating: "0", count: 12 - digits.count)
            + digits
    }

    /// A bank's cash, an account in EUR, and so many customers from 100 on in USD.
    static func bank(customers: Int, limit: Int64 = 0) -> String {
        """
        INSERT INTO teller.accounts (id, bank, kind, name, currency, overdraft_limit)
        VALUES (1, 'DEMO', 'cash', 'Cash', 'USD', NULL), (2, 'DEMO', 'cash', 'Cash', 'EUR', NULL),
            (90, 'DEMO', 'customer', 'Euro', 'EUR', 0);
        INSERT INTO teller.accounts (id, bank, name, currency, overdraft_limit)
        SELECT id, 'DEMO', 'Customer', 'USD', \(limit)
        FROM generate_series(100, \(99 + customers)) AS id
        """
    }

    /// Moves money, now.
    static func transfer(
        _ number: Int, from debit: Int64, to credit: Int64, _ amount: Int64,
        kind: String = "transfer", hold: Int? = nil, reverses: Int? = nil, memo: String = "A memo"
    ) -> String {
        let subjects = [hold, reverses].map { $0.map { "'\(id($0))'" } ?? "NULL" }
        return """
            WITH made AS (
                INSERT INTO teller.transfers (id, kind, debit_account, credit_account, amount,
                    currency, memo, hold, reverses, created_at)
                SELECT '\(id(number))', '\(kind)', \(debit), \(credit), \(amount), currency,
                    '\(memo)', \(subjects[0])::uuid, \(subjects[1])::uuid, clock_timestamp()
                FROM teller.accounts WHERE id = \(debit)
                RETURNING *
            ),
            changed AS (
                UPDATE teller.accounts SET version = version + 1, changed_at = made.created_at,
                    balance = balance
                        + CASE accounts.id WHEN \(debit) THEN -made.amount ELSE made.amount END
                FROM made WHERE accounts.id IN (\(debit), \(credit))
                RETURNING accounts.id, accounts.version, accounts.balance
            )
            INSERT INTO teller.entries
                (account_id, version, amount, balance_after, posted_at, transfer_id)
            SELECT changed.id, changed.version,
                CASE changed.id WHEN \(debit) THEN -made.amount ELSE made.amount END,
                changed.balance, made.created_at, made.id
            FROM changed, made;
            """
    }

    /// Holds money from `age` ago for `seconds`.
    static func hold(
        _ number: Int, from debit: Int64, to credit: Int64, _ amount: Int64, seconds: Int = 600,
        age: String = "0"
    ) -> String {
        """
        WITH made AS (
            INSERT INTO teller.transfers (id, kind, debit_account, credit_account, amount, currency,
                hold_seconds, created_at)
            SELECT '\(id(number))', 'hold', \(debit), \(credit), \(amount), currency, \(seconds),
                clock_timestamp() - interval '\(age)'
            FROM teller.accounts WHERE id = \(debit)
            RETURNING *
        ),
        kept AS (
            INSERT INTO teller.holds
                (id, debit_account, credit_account, amount, currency, expires_at)
            SELECT id, debit_account, credit_account, amount, currency,
                created_at + hold_seconds * interval '1 second'
            FROM made
        )
        UPDATE teller.accounts SET held = held + \(amount) WHERE id = \(debit);
        """
    }

    /// Ends a hold; `by` is the transfer that posted or voided it.
    static func resolve(_ number: Int, _ state: String, by transfer: Int? = nil) -> String {
        """
        WITH ended AS (
            UPDATE teller.holds
            SET state = '\(state)', resolved_by = \(transfer.map { "'\(id($0))'" } ?? "NULL")
            WHERE id = '\(id(number))' RETURNING debit_account, amount
        )
        UPDATE teller.accounts SET held = held - ended.amount
        FROM ended WHERE accounts.id = ended.debit_account;
        """
    }

    /// Keeps a transfer that frees a hold.
    static func void(_ number: Int, hold: Int) -> String {
        """
        INSERT INTO teller.transfers (id, kind, debit_account, credit_account, amount, currency, hold)
        SELECT '\(id(number))', 'void', debit_account, credit_account, amount, currency, id
        FROM teller.holds WHERE id = '\(id(hold))';
        """
    }

    /// Keeps a transfer that was refused.
    static func refusal(_ number: Int, _ code: String) -> String {
        """
        INSERT INTO teller.transfers (id, kind, debit_account, amount, currency, refusal)
        VALUES ('\(id(number))', 'withdrawal', 17, 5, 'USD', '\(code)');
        """
    }

    /// Something of every kind, on top of the demo data.
    static let something = [
        transfer(1, from: 17, to: 18, 300), transfer(2, from: 1, to: 17, 1000, kind: "deposit"),
        transfer(3, from: 17, to: 1, 400, kind: "withdrawal"),
        hold(10, from: 17, to: 18, 500), hold(11, from: 17, to: 18, 70, seconds: 5, age: "1 hour"),
        hold(12, from: 18, to: 17, 80), transfer(13, from: 18, to: 17, 60, kind: "post", hold: 12),
        resolve(12, "posted", by: 13),
        hold(14, from: 18, to: 17, 90), void(15, hold: 14), resolve(14, "voided", by: 15),
        hold(16, from: 18, to: 17, 20, seconds: 5, age: "1 hour"), resolve(16, "expired"),
        transfer(20, from: 18, to: 17, 300, kind: "reversal", reverses: 1),
        refusal(30, "insufficient_funds"),
    ].joined(separator: "\n")
}
