/// One process of a bank: how it is started, found, seen to be ready and ended.
struct ProcessDescription: Sendable {
    enum Readiness: Sendable, Equatable {
        /// Where it listens: `host:port`, `unix:path`, or the folder of PostgreSQL's socket.
        case ready(address: String)
        /// It answers that it takes nobody yet, or no more: its own words.
        case refuses(String)
        /// What it does in place of being ready: `does not listen`.
        case notYet(String)
    }

    /// An argument and the path that follows it, which no other process has: by them it is found,
    /// whoever lost its number.
    struct Mark: Sendable {
        let flag: String
        let path: String
        /// Where an earlier version had the file.
        var earlierPath: String?
    }

    /// A signal that asks it to end, and how long it may take then.
    struct Ending: Sendable {
        let signal: Signal
        var bound: Duration
    }

    let part: Part
    let mark: Mark
    /// Makes what the process needs, and its command, which the mark is added to.
    let command: @Sendable (BankState, @Sendable (Step) -> Void) async throws -> Command
    let readiness: @Sendable (BankState.Process) async throws -> Readiness
    /// Its number, in a file of its own in the folder that it works in.
    var pidFile: String?
    /// It is given so long to be ready, however short of patience who starts it is.
    var leastReadyTimeout = Duration.zero
    /// What it says as it ends because an earlier one, which was killed, has yet to let go.
    var signsOfAnEarlierOne: [String] = []
    /// What it means that it ended at its start with these lines, where there is more to say.
    var explanation: @Sendable ([String]) -> LocalBankError? = { _ in nil }
    /// The gentlest first.
    var endings = serverEndings

    /// A server drains for 10 s at most after SIGTERM.
    static let serverEndings = [
        Ending(signal: .SIGTERM, bound: .seconds(12)), Ending(signal: .SIGKILL, bound: .seconds(5)),
    ]
}
