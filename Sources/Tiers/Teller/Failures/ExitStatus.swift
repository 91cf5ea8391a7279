/// How `teller` ends. Source: sysexits(3), whose numbers start at 64, and 128 + SIGINT for an
/// interruption; 1 to 3 are the bank's own.
enum ExitStatus: Int32, Sendable, CaseIterable {
    case ok = 0
    case refused = 1
    case outcomeUnknown = 2
    case auditBroken = 3
    case usage = 64
    case dataError = 65
    case noInput = 66
    case noUser = 67
    case noHost = 68
    case unavailable = 69
    case software = 70
    case cannotCreate = 73
    case ioError = 74
    case temporaryFailure = 75
    case protocolError = 76
    case noPermission = 77
    case configuration = 78
    case interrupted = 130

    /// The name that sysexits(3) gives it, and what it says.
    private var words: (name: String, meaning: String) {
        switch self {
        case .ok: ("EX_OK", "done")
        case .refused: ("REFUSED", "refused by the bank; of a file, some lines were refused")
        case .outcomeUnknown: ("UNKNOWN", "it may or may not be done: 'teller resume' settles it")
        case .auditBroken: ("BROKEN", "the audit found an invariant broken")
        case .usage: ("EX_USAGE", "an invalid command, flag or value")
        case .dataError: ("EX_DATAERR", "an invalid account number, amount, user or request")
        case .noInput: ("EX_NOINPUT", "a file that cannot be read")
        case .noUser: ("EX_NOUSER", "no account has this number")
        case .noHost: ("EX_NOHOST", "no host has this name")
        case .unavailable: ("EX_UNAVAILABLE", "a tier cannot be reached, or broke off its answer")
        case .software: ("EX_SOFTWARE", "an internal error in a tier")
        case .cannotCreate:
            ("EX_CANTCREAT", "the journal, the sessions or a folder could not be made")
        case .ioError: ("EX_IOERR", "the output or the journal could not be written")
        case .temporaryFailure: ("EX_TEMPFAIL", "out of time, or the bank is busy: try again")
        case .protocolError: ("EX_PROTOCOL", "an answer that does not follow the bank's protocol")
        case .noPermission:
            ("EX_NOPERM", "not signed in or not allowed; PostgreSQL refused the user")
        case .configuration:
            ("EX_CONFIG", "bad settings, sessions others can read, a missing program")
        case .interrupted: ("SIGINT", "interrupted with Ctrl-C; no outcome is unknown")
        }
    }

    /// One line a status, as `teller help exit-codes` shows them.
    static var list: String {
        allCases.map { status in
            let code = String(status.rawValue)
            let indent = String(repeating: " ", count: 3 - code.count)
            return "\(indent)\(code)  \(status.words.name.padded(to: 14))  \(status.words.meaning)"
        }.joined(separator: "\n")
    }
}
