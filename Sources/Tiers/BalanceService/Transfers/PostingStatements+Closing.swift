import Ledger
import Postgres

extension PostingStatements {
    /// Writes what a posting has changed, what others refer to first; none when there is nothing.
    static func write(_ changes: Posting.Changes) -> [PostgresQuery] {
        var statements: [PostgresQuery] = []
        if !changes.transfers.isEmpty { statements.append(insert(changes.transfers)) }
        if !changes.entries.isEmpty { statements.append(insert(changes.entries)) }
        if !changes.newHolds.isEmpty { statements.append(insert(changes.newHolds)) }
        if !changes.resolvedHolds.isEmpty { statements.append(update(changes.resolvedHolds)) }
        if !changes.accounts.isEmpty {
            statements.append(update(changes.accounts, from: changes.accountsBefore))
        }
        return statements
    }

    /// In the order of their ids: transactions with the same ids wait for one another, and never in a
    /// circle.
    static func insert(_ transfers: [RecordedTransfer]) -> PostgresQuery {
        let rows = transfers.sorted { $0.id < $1.id }
        return """
            INSERT INTO teller.transfers (id, kind, debit_account, credit_account, amount, currency,
                memo, hold, reverses, hold_seconds, created_at, refusal, requested_by)
            SELECT * FROM unnest(\(rows.map(\.id)), \(rows.map(\.kind.rawValue)),
                \(rows.map(\.debit?.number)), \(rows.map(\.credit?.number)),
                \(rows.map(\.amount?.minorUnits)), \(rows.map(\.amount?.currency.code)),
                \(sparse(rows.map(\.memo?.description))),
                \(sparse(rows.map(\.hold))), \(sparse(rows.map(\.reverses))),
                \(sparse(rows.map(\.holdSeconds))), \(rows.map(\.createdAt)),
                \(sparse(rows.map(\.refusal?.rawValue))), \(sparse(rows.map(\.requestedBy))))
            """
    }

    /// A column that has no value at all is sent empty: `unnest` fills the shorter arrays with NULL.
    private static func sparse<Value>(_ column: [Value?]) -> [Value?] {
        column.contains { $0 != nil } ? column : []
    }

    static func insert(_ entries: [Entry]) -> PostgresQuery {
        """
        INSERT INTO teller.entries (account_id, version, amount, balance_after, posted_at,
            transfer_id)
        SELECT * FROM unnest(\(entries.map(\.account.number)), \(entries.map(\.version)),
            \(entries.map(\.amount)), \(entries.map(\.balanceAfter)),
            \(entries.map(\.postedAt)), \(entries.map(\.transfer)))
        """
    }

    static func insert(_ holds: [Hold]) -> PostgresQuery {
        """
        INSERT INTO teller.holds (id, debit_account, credit_account, amount, currency, expires_at,
            state, resolved_by)
        SELECT * FROM unnest(\(holds.map(\.id)), \(holds.map(\.debit.number)),
            \(holds.map(\.credit.number)), \(holds.map(\.amount.minorUnits)),
            \(holds.map(\.amount.currency.code)),
            \(holds.map(\.expiresAt)), \(holds.map(\.state.rawValue)), \(holds.map(\.resolvedBy)))
        """
    }

    static func update(_ holds: [Hold]) -> PostgresQuery {
        """
        UPDATE teller.holds SET state = after.state, resolved_by = after.resolved_by
        FROM unnest(\(holds.map(\.id)), \(holds.map(\.state.rawValue)), \(holds.map(\.resolvedBy)))
            AS after (id, state, resolved_by)
        WHERE holds.id = after.id
        """
    }

    /// Changes what was decided on and nothing else: a row that is not as it was read divides by zero, and
    /// nothing is done. None can be while it is locked. UPDATE looks again at a row that it had to wait for
    /// (PostgreSQL manual, "Read Committed Isolation Level").
    static func update(
        _ accounts: [LockedAccount], from before: [LockedAccount]
    ) -> PostgresQuery {
        """
        WITH changed AS (
            UPDATE teller.accounts
            SET balance = after.balance, held = after.held, version = after.version,
                changed_at = after.changed_at
            FROM unnest(\(accounts.map(\.number.number)), \(accounts.map(\.balance)),
                \(accounts.map(\.held)), \(accounts.map(\.version)),
                \(accounts.map(\.changedAt)), \(before.map(\.version)), \(before.map(\.held)))
                AS after (id, balance, held, version, changed_at, version_read, held_read)
            WHERE accounts.id = after.id AND accounts.version = after.version_read
                AND accounts.held = after.held_read
            RETURNING 1
        )
        SELECT 1 / (count(*) = \(accounts.count))::integer FROM changed
        """
    }
}
