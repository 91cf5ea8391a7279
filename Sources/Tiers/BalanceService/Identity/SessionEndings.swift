import Logging
import Postgres
import ServiceLifecycle

/// Hears that sessions were ended, in this copy of the service or another one: what was found of tokens
/// before counts no more. While it cannot listen, that lasts as long as what was found is fresh.
struct SessionEndings: Service {
    private static let channel: StaticString = "teller_sessions_ended"

    /// Belongs into the transaction that ends sessions: it is heard once that is committed.
    static let notice: PostgresQuery = "NOTIFY \(raw: channel)"

    private let listener: PostgresListener
    private let sessions: SessionCache

    /// - Parameter database: In the role that ends sessions.
    init(in database: PostgresConfiguration, sessions: SessionCache, logger: Logger) {
        listener = PostgresListener(
            configuration: database, channel: Self.channel, logger: logger)
        self.sessions = sessions
    }

    func run() async throws {
        await cancelWhenGracefulShutdown { await listener.run { sessions.forget() } }
    }
}
