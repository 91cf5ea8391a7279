import BalanceAPI
import Chain
import Ledger
import Postgres

/// Closes accounts, once for each id. A refusal is kept under the id as well.
struct AccountClosing: Sendable {
    let transaction: RepeatableTransaction
    /// The four letters of the bank, while there are no accounts that have them.
    let bank: String

    /// - Throws: ``RepeatableTransaction/OutcomeUnknown``; any other error: nothing was done.
    func close(
        _ number: AccountNumber, for request: AccountRequest, deadline: Deadline
    ) async throws -> AccountOutcome {
        try await transaction.run(deadline: deadline) { connection in
            let state = try await AccountRequestState(
                of: request, bank: bank, on: connection, deadline: deadline)
            if let settled = state.settled { return settled }
            let digits = number.ownDigits(bank: state.identity.bank)
            let refusal = try await refusal(to: digits, on: connection, deadline: deadline)
            try await keepRequest(
                request.id, digits, refusal, on: connection, deadline: deadline)
            if let refusal { return .refused(refusal) }
            let rows = try await connection.query(
                Self.close(digits ?? 0), deadline: deadline.instant)
            guard let row = rows.first else { throw LedgerDamaged("a locked account is gone") }
            return .account(try AccountRow(row))
        }
    }

    /// Locks the account, frees what is due of its holds, and tells why it cannot be closed. What makes
    /// a hold, also one for this account, has it locked.
    private func refusal(
        to account: Int64?, on connection: PostgresConnection, deadline: Deadline
    ) async throws -> Refusal? {
        guard let account else { return .accountUnknown }
        let locked = try await connection.query(
            """
            SELECT closed_at IS NOT NULL FROM teller.accounts
            WHERE id = \(account) AND kind = ANY (\(AccountKind.customers.map(\.rawValue)))
            FOR NO KEY UPDATE
            """, deadline: deadline.instant)
        guard let row = locked.first else { return .accountUnknown }
        if try row.decode(Bool.self, at: 0) { return .accountClosed }
        let freed = try await connection.query(
            Self.expireHolds(of: account), deadline: deadline.instant)
        guard let row = freed.first else { throw LedgerDamaged("a locked account is gone") }
        let (balance, held, isOwed) = try row.decode((Int64, Int64, Bool).self)
        if balance != 0 { return .accountNotEmpty }
        return held == 0 && !isOwed ? nil : .accountHasHolds
    }

    private func keepRequest(
        _ id: Identifier, _ account: Int64?, _ refusal: Refusal?,
        on connection: PostgresConnection, deadline: Deadline
    ) async throws {
        let rows = try await connection.query(
            """
            INSERT INTO teller.account_requests (id, kind, account_id, refusal)
            VALUES (\(id), 'close', \(account), \(refusal?.rawValue))
            ON CONFLICT (id) DO NOTHING RETURNING true
            """, deadline: deadline.instant)
        guard !rows.isEmpty else {
            throw RepeatableTransaction.LostRace(description: "the id was used at the same time")
        }
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
        RETURNING id, bank, name, currency, balance, held, overdraft_limit, version, opened_at,
            closed_at
        """
    }
}
