import Chain
import Ledger
import Postgres
import Synchronization

/// Which ledger a database holds.
struct LedgerIdentity: Sendable, Hashable {
    /// Given to the ledger when its database was made.
    var id: Identifier
    /// The four letters of the bank.
    var bank: String
    /// Whether there are accounts, which settle whose ledger it is.
    var hasAccounts: Bool

    static let query: PostgresQuery = """
        SELECT id, (SELECT bank FROM teller.accounts ORDER BY id LIMIT 1) FROM teller.ledger
        """

    /// - Parameter bank: The bank that keeps it, while no account tells.
    /// - Throws: ``LedgerDamaged`` when there is no row; `PostgresDecodingError`.
    init(_ rows: PostgresRows?, bank: String) throws {
        guard let row = rows?.first else { throw LedgerDamaged("it has no id") }
        let (id, known) = try row.decode((Identifier, String?).self)
        self.id = id
        self.bank = known ?? bank
        hasAccounts = known != nil
    }
}

/// Reads the ``LedgerIdentity`` once there are accounts: it does not change while the database is the same.
final class LedgerIdentityReader: Sendable {
    private let pool: PostgresPool
    private let bank: String
    private let known = Mutex<LedgerIdentity?>(nil)

    /// - Parameter bank: The bank that keeps the ledger, while no account tells.
    init(pool: PostgresPool, bank: String) {
        self.pool = pool
        self.bank = bank
    }

    /// - Throws: `PostgresError`, `PostgresDecodingError`, or ``LedgerDamaged``.
    func identity(deadline: Deadline) async throws -> LedgerIdentity {
        if let identity = known.withLock({ $0 }) { return identity }
        let identity = try LedgerIdentity(
            try await pool.query(LedgerIdentity.query, deadline: deadline.instant), bank: bank)
        if identity.hasAccounts { known.withLock { $0 = identity } }
        return identity
    }

    /// Reads it again when it is next asked for.
    func forget() {
        known.withLock { $0 = nil }
    }
}

/// The database holds what no program of this bank writes: for the log.
struct LedgerDamaged: Error, CustomStringConvertible {
    let description: String

    init(_ what: String) {
        description = "the ledger is damaged: \(what); run the audit"
    }
}
