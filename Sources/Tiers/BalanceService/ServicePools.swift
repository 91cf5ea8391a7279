import Logging
import Postgres

/// The connections to PostgreSQL. What waits for locks has its own: it never keeps readers waiting.
struct ServicePools: Sendable {
    /// For what only reads.
    let reading: PostgresPool
    /// For batches of transfers and for the expiry of holds.
    let posting: PostgresPool
    /// For opening and closing accounts: that is rare, and a caller waits for a locked one by itself.
    let accounts: PostgresPool
    /// For look-ups that settle the outcome of a request: they wait for the standby, and nothing else waits
    /// for them.
    let settling: PostgresPool
    /// For people and their sessions, in a role of its own. Balances and transfers go on without it.
    let identity: PostgresPool
    /// For whose sessions the tokens of batches are: nobody who signs in keeps them waiting.
    let sessions: PostgresPool
    /// Used by nobody but the monitor: that there is much to do is not the database's end.
    let monitor: PostgresPool

    /// - Throws: `PostgresError` when the database's address is invalid.
    init(_ app: BalanceServiceApp, logger: Logger) throws(PostgresError) {
        func pool(
            _ configuration: PostgresConfiguration, _ size: Int
        ) throws(PostgresError) -> PostgresPool {
            try PostgresPool(configuration: configuration, size: size, logger: logger)
        }
        reading = try pool(app.database, app.connections)
        // One for each batch in flight, and one for the expiry of holds.
        posting = try pool(app.database.posting, app.postingBatchesInFlight + 1)
        accounts = try pool(app.database.locking, 2)
        settling = try pool(app.database, 2)
        let people = app.people.locking
        identity = try pool(people, 2)
        sessions = try pool(people.unconfirmed, 2)
        monitor = try pool(app.database, 1)
    }

    /// Those that serve the callers.
    var callers: [PostgresPool] { [reading, posting, accounts, settling, sessions] }
}

extension BalanceServiceApp {
    /// The database of people and their sessions, in the role that alone reads them.
    var people: PostgresConfiguration { identityDatabase ?? database.asIdentity }
}

extension PostgresConfiguration {
    /// The same, in the role that alone reads people and their sessions.
    var asIdentity: PostgresConfiguration {
        var configuration = self
        configuration.role = "teller_identity"
        return configuration
    }

    /// A session whose service has stopped or cannot be reached does not keep its locks for long. What it
    /// had not committed is undone.
    fileprivate var locking: PostgresConfiguration {
        var configuration = self
        configuration.settings["idle_in_transaction_session_timeout"] = "5s"
        // Seconds; without effect on a Unix-domain socket.
        configuration.settings["tcp_keepalives_idle"] = "5"
        configuration.settings["tcp_keepalives_interval"] = "2"
        configuration.settings["tcp_keepalives_count"] = "3"
        return configuration
    }

    /// A session's last use may be lost by a minute: nobody who reads waits for a standby because of it.
    fileprivate var unconfirmed: PostgresConfiguration {
        var configuration = self
        configuration.settings["synchronous_commit"] = "off"
        return configuration
    }

    fileprivate var posting: PostgresConfiguration {
        var configuration = locking
        // A posting looks rows up by their keys. One plan for all arrays, and none that reads a whole
        // table: made while the tables were empty, it would be kept while they grow.
        configuration.settings["plan_cache_mode"] = "force_generic_plan"
        configuration.settings["enable_seqscan"] = "off"
        // Many wait together, for a batch or two before them: a lock that is kept for longer is waited for no
        // more.
        configuration.settings["lock_timeout"] = "200ms"
        return configuration
    }
}
