import Ledger
import Postgres

extension AccountWriter {
    /// - Parameter account: The ten digits; `nil`: it is another bank's.
    func close(
        _ account: Int64?, for id: Identifier, by name: UserName?, _ transaction: BoundTransaction
    ) async throws -> AccountOutcome {
        let refusal = try await refusal(toClose: account, transaction)
        _ = try await keep(
            """
            INSERT INTO teller.account_requests (id, kind, account_id, refusal, requested_by)
            VALUES (\(id), 'close', \(account), \(refusal?.rawValue), \(name))
            ON CONFLICT (id) DO NOTHING RETURNING account_id
            """, transaction)
        if let refusal { return .refused(refusal) }
        guard let row = try await transaction.query(Self.close(account ?? 0)).first
        else { throw LedgerDamaged("a locked account is gone") }
        return .account(try AccountRow(row))
    }

    /// Locks the account, frees what is due of its holds, and tells why it cannot be closed. What makes
    /// a hold, also one for this account, has it locked.
    private func refusal(
        toClose account: Int64?, _ transaction: BoundTransaction
    ) async throws -> Refusal? {
        guard let account else { return .accountUnknown }
        let locked = try await transaction.query(
            """
            SELECT closed_at IS NOT NULL FROM teller.accounts
            WHERE id = \(account) AND kind = ANY (\(AccountKind.customers.map(\.rawValue)))
            FOR NO KEY UPDATE
            """)
        guard let row = locked.first else { return .accountUnknown }
        if try row.decode(Bool.self, at: 0) { return .accountClosed }
        guard let row = try await transaction.query(Self.expireHolds(of: account)).first
        else { throw LedgerDamaged("a locked account is gone") }
        let (balance, held, isOwed) = try row.decode((Int64, Int64, Bool).self)
        if balance != 0 { return .accountNotEmpty }
        return held == 0 && !isOwed ? nil : .accountHasHolds
    }

    private static func expireHolds(of account: Int64) -> PostgresQuery {
        """
        WITH due AS (
            UPDATE teller.holds SET state = 'expired'
            WHERE debit_account = \(account) AND state = 'pending'
                AND expires_at <= clock_timestamp()
            RETURNING amount
        )
        UPDATE teller.accounts
        SET held = held - coalesce((SELECT sum(amount) FROM due), 0)::bigint
        WHERE id = \(account)
        RETURNING balance, held, EXISTS (
            SELECT FROM teller.holds
            WHERE credit_account = \(account) AND state = 'pending'
                AND expires_at > clock_timestamp()
        )
        """
    }

    private static func close(_ account: Int64) -> PostgresQuery {
        """
        UPDATE teller.accounts
        SET closed_at = greatest(opened_at, changed_at, clock_timestamp())
        WHERE id = \(account)
        RETURNING \(raw: AccountRow.columns)
        """
    }
}
