import Chain
import Logging
import Postgres
import ServiceLifecycle

/// Writes events of requests that nobody keeps waiting for it.
struct SecurityTrail: Service {
    /// Events that may wait; past it they are in the log alone.
    static let waiting = 2_000
    private static let patience = Duration.seconds(5)

    private let pool: PostgresPool
    private let logger: Logger
    private let events: AsyncStream<SecurityEvent>
    private let newEvent: AsyncStream<SecurityEvent>.Continuation

    init(pool: PostgresPool, logger: Logger) {
        self.pool = pool
        self.logger = logger
        (events, newEvent) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.waiting))
    }

    func add(_ event: SecurityEvent) {
        event.log(logger)
        if case .dropped = newEvent.yield(event) {
            logger.warning("an event is in the log and not in the trail: too many wait")
        }
    }

    /// Writes them until the service shuts down, and then those that still wait.
    func run() async throws {
        await withGracefulShutdownHandler {
            for await event in events { await write(event) }
        } onGracefulShutdown: {
            newEvent.finish()
        }
    }

    private func write(_ event: SecurityEvent) async {
        do {
            _ = try await pool.query(
                event.insertion, deadline: Deadline.after(Self.patience).instant)
        } catch {
            logger.warning(
                "an event is in the log and not in the trail",
                metadata: ["cause": .string(String(reflecting: error))])
        }
    }
}
