import Chain
import Logging
import Postgres
import ServiceLifecycle
import Synchronization

/// Writes events of requests that nobody keeps waiting for it: what has come meanwhile, together.
final class SecurityTrail: Service {
    /// Events that may wait; past it they are in the log alone.
    static let waiting = 2_000
    /// How long the database may be away.
    private static let patience = Duration.seconds(10)
    private static let pause = Duration.milliseconds(200)

    private let pool: PostgresPool
    private let logger: Logger
    private let events = Mutex<[SecurityEvent]>([])
    /// That there are some.
    private let news: AsyncStream<Void>
    private let newsOf: AsyncStream<Void>.Continuation

    init(pool: PostgresPool, logger: Logger) {
        self.pool = pool
        self.logger = logger
        (news, newsOf) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func add(_ event: SecurityEvent) {
        event.log(logger)
        let isKept = events.withLock { events in
            guard events.count < Self.waiting else { return false }
            events.append(event)
            return true
        }
        if !isKept { logger.warning("an event is in the log and not in the trail: too many wait") }
        newsOf.yield()
    }

    /// Writes them until the service shuts down, and then those that still wait.
    func run() async throws {
        await withGracefulShutdownHandler {
            for await _ in self.news { await self.writeAll() }
            await self.writeAll()
        } onGracefulShutdown: {
            self.newsOf.finish()
        }
    }

    private func writeAll() async {
        let waiting = events.withLock { events in
            defer { events = [] }
            return events
        }
        if !waiting.isEmpty { await write(waiting) }
    }

    private func write(_ events: [SecurityEvent]) async {
        let deadline = Deadline.after(Self.patience)
        while true {
            do {
                _ = try await pool.query(
                    SecurityEvent.insertion(events), deadline: deadline.instant)
                return
            } catch {
                guard Self.pause < deadline.remaining,
                    (try? await Task.sleep(for: Self.pause)) != nil
                else {
                    logger.warning(
                        "events are in the log and not in the trail",
                        metadata: [
                            "count": "\(events.count)",
                            "cause": .string(String(reflecting: error)),
                        ])
                    return
                }
            }
        }
    }
}
