import Chain
import Logging
import Postgres
import ServiceLifecycle

/// Asks PostgreSQL again and again whether it answers, and keeps the ``ServingStatus`` true.
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
            try await pool.ping(deadline: .now.advanced(by: Self.patience))
            if status.update(isServing: true) { logger.notice("serving") }
        } catch  where error.isBusyPool && pool.isReachable {
            // Too much to do is not the database's end: callers are told that, not that it is lost.
        } catch {
            guard !Task.isCancelled else { return }
            if status.update(isServing: false) {
                logger.warning(
                    "not serving", metadata: ["cause": .string(String(reflecting: error))])
            }
        }
    }
}

extension PostgresError {
    fileprivate var isBusyPool: Bool { code == .poolExhausted || code == .poolTimeout }
}
