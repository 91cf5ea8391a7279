import Logging
import Postgres

/// Connections of their own for what waits for locks: it never keeps readers waiting.
extension BalanceServiceApp {
    /// Opening and closing an account is rare, and a caller waits for a locked one by itself.
    private static let accountConnections = 2
    private static let settlingConnections = 2

    /// One for each batch in flight, and one for the expiry of holds.
    func makePostingPool(logger: Logger) throws -> PostgresPool {
        var configuration = lockingDatabase
        // A posting looks rows up by their keys. One plan for all arrays, and none that reads a whole
        // table: made while the tables were empty, it would be kept while they grow.
        configuration.settings["plan_cache_mode"] = "force_generic_plan"
        configuration.settings["enable_seqscan"] = "off"
        // Many wait together, for a batch or two before them: a lock that is kept for longer is waited for no
        // more.
        configuration.settings["lock_timeout"] = "200ms"
        return try PostgresPool(
            configuration: configuration, size: postingBatchesInFlight + 1, logger: logger)
    }

    /// For look-ups that settle the outcome of a request: they wait for the standby, and nothing else waits for them.
    func makeSettlingPool(logger: Logger) throws -> PostgresPool {
        try PostgresPool(configuration: database, size: Self.settlingConnections, logger: logger)
    }

    func makeAccountPool(logger: Logger) throws -> PostgresPool {
        try PostgresPool(
            configuration: lockingDatabase, size: Self.accountConnections, logger: logger)
    }

    /// A session whose service has stopped or cannot be reached does not keep its locks for long. What it
    /// had not committed is undone.
    private var lockingDatabase: PostgresConfiguration {
        var configuration = database
        configuration.settings["idle_in_transaction_session_timeout"] = "5s"
        // Seconds; without effect on a Unix-domain socket.
        configuration.settings["tcp_keepalives_idle"] = "5"
        configuration.settings["tcp_keepalives_interval"] = "2"
        configuration.settings["tcp_keepalives_count"] = "3"
        return configuration
    }
}
