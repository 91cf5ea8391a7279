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

    /// The name that sysexits(3) gives it.
    var name: String {
        switch self {
        case .ok: "EX_OK"
        case .refused: "REFUSED"
        case .outcomeUnknown: "UNKNOWN"
        case .auditBroken: "BROKEN"
        case .usage: "EX_USAGE"
        case .dataError: "EX_DATAERR"
        case .noInput: "EX_NOINPUT"
        case .noUser: "EX_NOUSER"
        case .noHost: "EX_NOHOST"
        case .unavailable: "EX_UNAVAILABLE"
        case .software: "EX_SOFTWARE"
        case .cannotCreate: "EX_CANTCREAT"
        case .ioError: "EX_IOERR"
        case .temporaryFailure: "EX_TEMPFAIL"
        case .protocolError: "EX_PROTOCOL"
        case .noPermission: "EX_NOPERM"
        case .configuration: "EX_CONFIG"
        case .interrupted: "SIGINT"
        }
    }

    var meaning: String {
        switch self {
        case .ok: "done"
        case .refused:
            "refused by the bank; of a file, some lines were refused"
        case .outcomeUnknown:
            "it may or may not be done: 'teller resume' settles it"
        case .auditBroken: "the audit found an invariant broken"
        case .usage: "an invalid command, flag or value"
        case .dataError: "an invalid account number, amount or request"
        case .noInput: "a file that cannot be read"
        case .noUser: "no account has this number"
        case .noHost: "no host has this name"
        case .unavailable: "a tier cannot be reached, or broke off its answer"
        case .software: "an internal error in a tier"
        case .cannotCreate: "the journal, or a folder of 'teller up', could not be made"
        case .ioError: "the output or the journal could not be written"
        case .temporaryFailure: "out of time, or the bank is busy: try again"
        case .protocolError: "an answer that does not follow the bank's protocol"
        case .noPermission: "PostgreSQL refused the user or the password"
        case .configuration: "'teller up' lacks what it needs, such as PostgreSQL"
        case .interrupted: "interrupted with Ctrl-C; no outcome is unknown"
        }
    }

    /// One line a status, as `teller help exit-codes` shows them.
    static var list: String {
        allCases.map { status in
            let code = String(status.rawValue)
            let indent = String(repeating: " ", count: 3 - code.count)
            return "\(indent)\(code)  \(status.name.padded(to: 14))  \(status.meaning)"
        }.joined(separator: "\n")
    }
}
