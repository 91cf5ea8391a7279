import BalanceAPI
import Chain
import GRPCProtobuf
import Ledger
import Postgres
import Synchronization

/// One invariant of the ledger, as it was found.
struct AuditedInvariant: Sendable {
    var name: String
    /// How many cases were looked at, and how many of them are broken.
    var counted: Int64
    var broken: Int64
    /// One of those that are broken.
    var example: String?
}

/// Runs sql/audit.sql, one at a time: it reads everything, and the connections are there for others.
final class Auditor: Sendable {
    static let sql = Migration(name: "audit", bytes: PackageResources.audit_sql).sql

    private let pool: PostgresPool
    private let isRunning = Atomic(false)

    init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Looks at the ledger as it is at one moment.
    ///
    /// - Throws: `GoogleRPCStatus`, RESOURCE_EXHAUSTED, while another audit runs; `PostgresError`.
    func audit(
        deadline: Deadline
    ) async throws -> (ledger: Identifier, invariants: [AuditedInvariant]) {
        guard
            isRunning.compareExchange(expected: false, desired: true, ordering: .acquiring)
                .exchanged
        else {
            throw BalanceErrorReason.overloaded.status("another audit is running: try again later")
        }
        defer { isRunning.store(false, ordering: .releasing) }
        return try await pool.withTransaction(
            .repeatableReadReadOnly, deadline: deadline.instant
        ) { connection in
            let rows = try await connection.query(
                PostgresQuery(trustedText: Self.sql), deadline: deadline.instant)
            let identity = try await connection.query(
                LedgerIdentity.query, deadline: deadline.instant)
            return (try Identifier(of: identity), try rows.map(AuditedInvariant.init))
        }
    }
}

extension Identifier {
    /// A ledger that has no id, or more than one, is still to be audited.
    fileprivate init(of rows: PostgresRows) throws {
        self = rows.isEmpty ? Identifier(high: 0, low: 0) : try LedgerIdentity(rows, bank: "").id
    }
}

extension AuditedInvariant {
    fileprivate init(_ row: PostgresRow) throws(PostgresDecodingError) {
        (name, counted, broken, example) = try row.decode((String, Int64, Int64, String?).self)
    }
}
