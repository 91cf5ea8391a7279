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
        try await pool.read(Self.query(withIDs: ids), deadline: deadline).map(AccountRow.init)
    }

    /// The statement of ``accounts(withIDs:deadline:)``.
    static func query(withIDs ids: [Int64]) -> PostgresQuery {
        """
        SELECT \(raw: AccountRow.columns) FROM teller.accounts WHERE id = ANY (\(ids))
        """
    }

    /// Reads customers' accounts in the order of their numbers.
    ///
    /// - Parameters:
    ///   - id: Only those with a higher number; -1 for the first page.
    ///   - currency: Only those in this currency; `nil`: all.
    ///   - owner: Only hers; `nil`: everybody's.
    ///   - count: At most so many.
    func customerAccounts(
        after id: Int64, currency: Currency?, owner: UserName?, count: Int, deadline: Deadline
    ) async throws -> [AccountRow] {
        let code = currency?.code ?? ""
        let kinds = AccountKind.customers.map(\.rawValue)
        let query: PostgresQuery =
            if let owner {
                """
                SELECT \(raw: AccountRow.columns) FROM teller.accounts
                WHERE owner = \(owner) AND id > \(id) AND kind = ANY (\(kinds))
                    AND (\(code) = '' OR currency = \(code))
                ORDER BY id LIMIT \(count)
                """
            } else {
                """
                SELECT \(raw: AccountRow.columns) FROM teller.accounts
                WHERE id > \(id) AND kind = ANY (\(kinds))
                    AND (\(code) = '' OR currency = \(code))
                ORDER BY id LIMIT \(count)
                """
            }
        return try await pool.read(query, deadline: deadline).map(AccountRow.init)
    }
}
