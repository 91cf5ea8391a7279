import Chain
import Logging
import Postgres
import ServiceLifecycle

/// Asks PostgreSQL again and again whether it answers and has the schema, and keeps the
/// ``ServingStatus`` true.
struct DatabaseMonitor: Service {
    /// Between an answer and the next question.
    static let interval = Duration.milliseconds(500)
    /// How long PostgreSQL may take to answer.
    static let patience = Duration.seconds(1)

    let pool: PostgresPool
    let status: ServingStatus
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await ask()
                try? await Task.sleep(for: Self.interval)
            }
        }
        status.drain()
    }

    private func ask() async {
        do {
            // Looks into the catalog only: no lock on a table can hold it up.
            let rows = try await pool.query(
                "SELECT to_regclass('teller.account_requests') IS NOT NULL",
                deadline: .now.advanced(by: Self.patience))
            guard try rows.first?.decode(Bool.self, at: 0) == true else { throw SchemaMissing() }
            if status.update(isServing: true) { logger.notice("serving") }
        } catch let error as PostgresError where error.isBusyPool && pool.isReachable {
            // Too much to do is not the database's end: callers are told that, not that it is lost.
        } catch {
            guard !Task.isCancelled else { return }
            guard status.update(isServing: false) else { return }
            let cause = (error as? SchemaMissing)?.description ?? String(reflecting: error)
            logger.warning("not serving", metadata: ["cause": .string(cause)])
        }
    }
}

extension PostgresError {
    fileprivate var isBusyPool: Bool { code == .poolExhausted || code == .poolTimeout }
}

private struct SchemaMissing: Error, CustomStringConvertible {
    var description: String {
        "the database does not have this program's schema: run 'balance-service migrate'"
    }
}
