/// Why a local bank could not be started, stopped or read.
///
/// `description` is one line that says what happened and what to do. No field carries a password.
public struct LocalBankError: Error, Sendable, CustomStringConvertible {
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let description: String

        public static let badOptions = Code(description: "bad_options")
        public static let homeUnusable = Code(description: "home_unusable")
        public static let locked = Code(description: "locked")
        public static let stateUnreadable = Code(description: "state_unreadable")
        public static let postgresMissing = Code(description: "postgres_missing")
        public static let postgresVersion = Code(description: "postgres_version")
        public static let postgresFailed = Code(description: "postgres_failed")
        public static let executableMissing = Code(description: "executable_missing")
        public static let spawnFailed = Code(description: "spawn_failed")
        public static let migrationFailed = Code(description: "migration_failed")
        public static let databaseAddress = Code(description: "database_address")
        public static let databaseRefused = Code(description: "database_refused")
        public static let databaseUnavailable = Code(description: "database_unavailable")
        public static let portInUse = Code(description: "port_in_use")
        public static let diedAtStart = Code(description: "died_at_start")
        public static let notReady = Code(description: "not_ready")
        public static let upDifferently = Code(description: "up_differently")
        public static let databaseNeeded = Code(description: "database_needed")
        public static let stillRunning = Code(description: "still_running")
        public static let notUp = Code(description: "not_up")
        public static let commandFailed = Code(description: "command_failed")
    }

    public let code: Code
    /// What happened.
    public internal(set) var message: String
    /// What to do about it.
    public let advice: String
    /// The part that failed, where it was one.
    public internal(set) var part: Part?
    /// The last lines of that part's log or output, oldest first.
    public internal(set) var logTail: [String]
    public internal(set) var logPath: String?

    public var description: String { advice.isEmpty ? message : "\(message); \(advice)" }

    init(
        _ code: Code, _ message: String, advice: String = "", part: Part? = nil,
        logTail: [String] = [], logPath: String? = nil
    ) {
        self.code = code
        self.message = message
        self.advice = advice
        self.part = part
        self.logTail = logTail
        self.logPath = logPath
    }
}
