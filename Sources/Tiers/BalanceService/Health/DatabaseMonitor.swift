import Chain
import Logging
import Postgres
import ServiceLifecycle

/// Asks PostgreSQL again and again whether it answers and has the schema, and keeps the
/// ``ServingStatus`` true.
struct DatabaseMonitor: Service {
    /// Between an answer and the next question.
    static let interval = Duration.milliseconds(500)
    /// The same while the service is not serving: callers wait for it.
    static let intervalWhileDown = Duration.milliseconds(100)
    /// How long PostgreSQL may take to answer.
    static let patience = Duration.seconds(1)
    /// So often in a row it may take longer before it counts as gone: it may only have much to do.
    static let allowedMisses = 2

    let pool: PostgresPool
    /// Those that serve the callers. Each comes back from an outage in its own time.
    let callersPools: [PostgresPool]
    let status: ServingStatus
    let ledger: LedgerIdentityReader
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var schema: String?
            var misses = 0
            while !Task.isCancelled {
                let found = await ask(lastFound: schema, misses: &misses)
                // In another database, or in one made anew, is another ledger.
                if found == nil || found != schema { ledger.forget() }
                schema = found
                try? await Task.sleep(
                    for: status.isServing && misses == 0
                        ? Self.interval : Self.intervalWhileDown)
            }
        }
        status.drain()
    }

    /// - Returns: What only this very schema in this very database is called; nil when it was not found
    ///   or callers could not be served.
    private func ask(lastFound: String?, misses: inout Int) async -> String? {
        do {
            // Looks into the catalog only: no lock on a table can hold it up.
            let rows = try await pool.query(
                """
                SELECT oid || ' ' || to_regclass('teller.account_requests')::oid || (
                    SELECT '' FROM pg_namespace
                    WHERE nspname = 'identity' AND has_schema_privilege(oid, 'USAGE')
                )
                FROM pg_database WHERE datname = current_database()
                """, deadline: .now.advanced(by: Self.patience))
            misses = 0
            guard let schema = try rows.first?.decode(String?.self, at: 0) else {
                throw SchemaMissing()
            }
            // Not asked while serving: one that connects anew for a moment is no outage.
            guard status.isServing || callersPools.allSatisfy(\.isReachable) else { return nil }
            if status.update(isServing: true) { logger.notice("serving") }
            return schema
        } catch {
            guard !Task.isCancelled else { return nil }
            if (error as? PostgresError)?.code == .deadlineExceeded, misses < Self.allowedMisses {
                misses += 1
                return lastFound
            }
            guard status.update(isServing: false) else { return nil }
            let cause = (error as? SchemaMissing)?.description ?? String(reflecting: error)
            logger.warning("not serving", metadata: ["cause": .string(cause)])
            return nil
        }
    }
}

private struct SchemaMissing: Error, CustomStringConvertible {
    var description: String {
        "the database does not have this program's schema: run 'balance-service migrate'"
    }
}
