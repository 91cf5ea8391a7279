import Ledger
import Logging
import Postgres
import ServiceLifecycle

/// Hears whose sessions were ended, in this copy of the service or another one: what was found of her tokens
/// before counts no more. While it cannot listen, that lasts as long as what was found is fresh.
struct SessionEndings: Service {
    private static let channel: StaticString = "teller_sessions_ended"

    /// Belongs into the transaction that ends sessions of a person: it is heard once that is committed.
    static func notice(of person: Int64) -> PostgresQuery {
        "SELECT pg_notify('\(raw: channel)', \("\(person)"))"
    }

    /// The same of one session.
    static func notice(ofSession id: Identifier) -> PostgresQuery {
        """
        SELECT pg_notify('\(raw: channel)', person::text) FROM identity.sessions WHERE id = \(id)
        """
    }

    private let listener: PostgresListener
    private let sessions: SessionCache

    /// - Parameter database: In the role that ends sessions.
    init(in database: PostgresConfiguration, sessions: SessionCache, logger: Logger) {
        listener = PostgresListener(
            configuration: database, channel: Self.channel, logger: logger)
        self.sessions = sessions
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await listener.run { said in
                for person in said?.map({ Int64($0) }) ?? [nil] { sessions.forget(person) }
            }
        }
    }
}
