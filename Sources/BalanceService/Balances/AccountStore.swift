import Chain
import Ledger
import Postgres

/// The statements that read accounts. Money is only ever decided by writes, so these read what is
/// committed and lock nothing.
struct AccountStore: Sendable {
    private let pool: PostgresPool

    init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Reads the accounts with these numbers; those that do not exist are not in the answer.
    ///
    /// - Parameter ids: The ten digits of each; repeats are read once.
    func accounts(withIDs ids: [Int64], deadline: Deadline) async throws -> [AccountRow] {
        try await rows(
            """
            SELECT id, bank, name, currency, balance, overdraft_limit, version, opened_at, closed_at
            FROM teller.accounts WHERE id = ANY (\(ids))
            """, deadline: deadline)
    }

    /// Reads customers' accounts in the order of their numbers.
    ///
    /// - Parameters:
    ///   - id: Only those with a higher number; -1 for the first page.
    ///   - currency: Only those in this currency; `nil`: all.
    ///   - count: At most so many.
    func customerAccounts(
        after id: Int64, currency: Currency?, count: Int, deadline: Deadline
    ) async throws -> [AccountRow] {
        let code = currency?.code ?? ""
        return try await rows(
            """
            SELECT id, bank, name, currency, balance, overdraft_limit, version, opened_at, closed_at
            FROM teller.accounts
            WHERE id > \(id) AND kind = 'customer' AND (\(code) = '' OR currency = \(code))
            ORDER BY id LIMIT \(count)
            """, deadline: deadline)
    }

    /// Asks again once when a connection was lost or its statement cancelled: a read is safe to
    /// repeat, and one that an operator ended is no reason to fail its callers.
    private func rows(_ query: PostgresQuery, deadline: Deadline) async throws -> [AccountRow] {
        do {
            return try await pool.query(query, deadline: deadline.instant).map(AccountRow.init)
        } catch let error as PostgresError where error.isOperatorsDoing {
            return try await pool.query(query, deadline: deadline.instant).map(AccountRow.init)
        }
    }
}

extension PostgresError {
    /// pg_terminate_backend or a restart; pg_cancel_backend, which is SQLSTATE 57014.
    fileprivate var isOperatorsDoing: Bool { code == .connectionLost || sqlState == "57014" }
}
