/// What `LocalBank.up` is asked for.
public struct UpOptions: Sendable {
    /// Of the balance-service: 1 to `copyLimit`. Nil for 1, or for what runs already.
    public var copies: Int?
    /// Of the bank-server, on 127.0.0.1; 0 is any free one. Nil for 8080, or for what runs already.
    public var port: Int?
    /// A libpq connection string of a database elsewhere; nil for a private PostgreSQL.
    ///
    /// Its password goes to the processes that connect in their environment, and nowhere else.
    public var databaseURL: String?
    /// How long one part may take until it is ready.
    public var readyTimeout: Duration

    /// Each copy has up to 16 connections, and the private PostgreSQL takes 200.
    public static let copyLimit = 10

    public init(
        copies: Int? = nil, port: Int? = nil, databaseURL: String? = nil,
        readyTimeout: Duration = .seconds(20)
    ) {
        self.copies = copies
        self.port = port
        self.databaseURL = databaseURL
        self.readyTimeout = readyTimeout
    }
}

/// A bank that is up.
public struct RunningBank: Sendable, Equatable {
    public enum Outcome: Sendable, Equatable {
        case started
        /// All of it ran before.
        case alreadyUp
        /// These parts of a running bank had died and were started again.
        case repaired([Part])
    }

    public let outcome: Outcome
    /// `http://host:port`
    public let serverURL: String
    /// The database, without a password.
    let database: String
    let processes: [BankState.Process]
}

/// A process as `LocalBank.status` found it.
public struct ProcessStatus: Sendable, Equatable {
    public enum State: String, Sendable {
        case ready
        case notReady = "not ready"
        case dead
    }

    public let part: Part
    /// Nil when none was ever started.
    public let pid: Int32?
    public let address: String?
    public let state: State
    /// Why one that runs is not ready, in its own words.
    public let reason: String?
    /// Nil for a dead one.
    public let uptime: Duration?
    public let logPath: String
}
