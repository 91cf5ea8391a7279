import Ledger
import Postgres

extension PostingStatements {
    /// Writes what a posting has changed, what others refer to first; none when there is nothing.
    ///
    /// - Parameter locked: The rows of ``lock(_:)``.
    /// - Throws: ``LedgerDamaged`` for an account that was changed and not locked.
    static func write(
        _ changes: Posting.Changes, locked: PostgresRows
    ) throws -> [PostgresQuery] {
        let accounts = try LocatedAccount.changed(changes.accounts, in: locked)
        var statements: [PostgresQuery] = []
        if !changes.transfers.isEmpty { statements.append(insert(changes.transfers)) }
        if !changes.entries.isEmpty { statements.append(insert(changes.entries)) }
        if !changes.newHolds.isEmpty { statements.append(insert(changes.newHolds)) }
        if !changes.resolvedHolds.isEmpty { statements.append(update(changes.resolvedHolds)) }
        if !accounts.isEmpty { statements.append(update(accounts)) }
        return statements
    }

    /// In the order of their ids: whoever meets the same ids at the same time waits, and never in a
    /// circle.
    static func insert(_ transfers: [RecordedTransfer]) -> PostgresQuery {
        let rows = transfers.sorted { $0.id < $1.id }
        return """
            INSERT INTO teller.transfers (id, kind, debit_account, credit_account, amount, currency,
                memo, hold, reverses, hold_seconds, created_at, refusal)
            SELECT * FROM unnest(\(rows.map { PostgresUUID($0.id) }), \(rows.map(\.kind.rawValue)),
                \(rows.map(\.debit?.number)), \(rows.map(\.credit?.number)),
                \(rows.map(\.amount?.minorUnits)), \(rows.map(\.amount?.currency.code)),
                \(sparse(rows.map(\.memo?.description))),
                \(sparse(rows.map { $0.hold.map { PostgresUUID($0) } })),
                \(sparse(rows.map { $0.reverses.map { PostgresUUID($0) } })),
                \(sparse(rows.map(\.holdSeconds))),
                \(rows.map { PostgresTimestamp($0.createdAt) }),
                \(sparse(rows.map(\.refusal?.rawValue))))
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
            \(entries.map { PostgresTimestamp($0.postedAt) }),
            \(entries.map { PostgresUUID($0.transfer) }))
        """
    }

    static func insert(_ holds: [Hold]) -> PostgresQuery {
        """
        INSERT INTO teller.holds (id, debit_account, credit_account, amount, currency, expires_at,
            state, resolved_by)
        SELECT * FROM unnest(\(holds.map { PostgresUUID($0.id) }), \(holds.map(\.debit.number)),
            \(holds.map(\.credit.number)), \(holds.map(\.amount.minorUnits)),
            \(holds.map(\.amount.currency.code)),
            \(holds.map { PostgresTimestamp($0.expiresAt) }), \(holds.map(\.state.rawValue)),
            \(holds.map { $0.resolvedBy.map { PostgresUUID($0) } }))
        """
    }

    static func update(_ holds: [Hold]) -> PostgresQuery {
        """
        UPDATE teller.holds SET state = after.state, resolved_by = after.resolved_by
        FROM unnest(\(holds.map { PostgresUUID($0.id) }), \(holds.map(\.state.rawValue)),
            \(holds.map { $0.resolvedBy.map { PostgresUUID($0) } }))
            AS after (id, state, resolved_by)
        WHERE holds.id = after.id
        """
    }

    /// Finds the rows by their tuple ids, which saves a search of the index for each: nobody moves a row
    /// that is locked. One that is not found there divides by zero, and nothing is done.
    static func update(_ accounts: [LocatedAccount]) -> PostgresQuery {
        """
        WITH changed AS (
            UPDATE teller.accounts
            SET balance = after.balance, held = after.held, version = after.version,
                changed_at = after.changed_at
            FROM unnest(\(accounts.map(\.tupleID)), \(accounts.map(\.account.number.number)),
                \(accounts.map(\.account.balance)), \(accounts.map(\.account.held)),
                \(accounts.map(\.account.version)),
                \(accounts.map { PostgresTimestamp($0.account.changedAt) }))
                AS after (tuple_id, id, balance, held, version, changed_at)
            WHERE accounts.ctid = after.tuple_id AND accounts.id = after.id
            RETURNING 1
        )
        SELECT 1 / (count(*) = \(accounts.count))::integer FROM changed
        """
    }
}
