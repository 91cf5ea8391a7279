/// Why a local bank could not be started, stopped or read.
///
/// `description` is one line that says what happened and what to do. No field carries a password.
public struct LocalBankError: Error, Sendable, CustomStringConvertible {
    public enum Code: Sendable {
        case homeUnusable, locked, stateUnreadable, executableMissing, commandFailed, spawnFailed
        case postgresMissing, postgresVersion, postgresFailed
        case databaseNeeded, databaseAddress, databaseRefused, databaseUnavailable, migrationFailed
        case portInUse, diedAtStart, notReady, upDifferently, stillRunning, notUp
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

    func scrubbed(_ address: DatabaseAddress?) -> LocalBankError {
        guard let address else { return self }
        var error = self
        error.message = address.scrub(message)
        error.logTail = logTail.map(address.scrub)
        return error
    }
}
