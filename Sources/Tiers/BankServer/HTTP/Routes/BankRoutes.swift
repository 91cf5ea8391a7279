import BankAPI
import NIOHTTP1

/// Which route a path names. Few enough to match by hand, which also tells a wrong method from a
/// wrong path.
enum MatchedRoute: Sendable, Equatable {
    case accounts
    /// The text in the place of the account number, not yet checked.
    case account(Substring)
    case balance(Substring)
    case statement(Substring)
    case close(Substring)
    case transfers
    case transferBatch
    case transferLookup
    /// The text in the place of the id, not yet checked.
    case transfer(Substring)
    case bank
    case audit
    case sessions
    /// The text in the place of the id, not yet checked.
    case session(Substring)
    case me
    case password
    case users
    /// A user's name, not yet checked.
    case disable(Substring)
    case reset(Substring)
    case securityLog
    case health
    case readiness
    case openAPI

    init?(path: String) {
        switch path {
        case BankRoute.transfers: self = .transfers
        case BankRoute.accounts: self = .accounts
        case BankRoute.transferBatch: self = .transferBatch
        case BankRoute.transferLookup: self = .transferLookup
        case BankRoute.bank: self = .bank
        case BankRoute.audit: self = .audit
        case BankRoute.sessions: self = .sessions
        case BankRoute.me: self = .me
        case BankRoute.password: self = .password
        case BankRoute.users: self = .users
        case BankRoute.securityLog: self = .securityLog
        case BankRoute.health: self = .health
        case BankRoute.readiness: self = .readiness
        case BankRoute.openAPI: self = .openAPI
        default:
            if let (account, rest) = Self.parts(of: path, below: BankRoute.accounts) {
                self.init(account, rest: rest)
            } else if case (let id, nil)? = Self.parts(of: path, below: BankRoute.transfers) {
                self = .transfer(id)
            } else if case (let id, nil)? = Self.parts(of: path, below: BankRoute.sessions) {
                self = .session(id)
            } else if let (user, rest) = Self.parts(of: path, below: BankRoute.users) {
                self.init(user: user, rest: rest)
            } else {
                return nil
            }
        }
    }

    private init?(_ account: Substring, rest: Substring?) {
        switch rest {
        case nil: self = .account(account)
        case "balance": self = .balance(account)
        case "statement": self = .statement(account)
        case "close": self = .close(account)
        default: return nil
        }
    }

    private init?(user: Substring, rest: Substring?) {
        switch rest {
        case "disable": self = .disable(user)
        case "reset": self = .reset(user)
        default: return nil
        }
    }

    /// - Returns: What follows on `base` and a slash, up to the next slash, when it is not empty, and what
    ///   follows on that one.
    private static func parts(
        of path: String, below base: String
    ) -> (first: Substring, rest: Substring?)? {
        guard path.utf8.starts(with: base.utf8) else { return nil }
        var below = path.utf8.dropFirst(base.utf8.count)
        guard below.popFirst() == UInt8(ascii: "/") else { return nil }
        let first = below.prefix { $0 != UInt8(ascii: "/") }
        guard !first.isEmpty else { return nil }
        let rest = below[first.endIndex...]
        return (Substring(first), rest.isEmpty ? nil : Substring(rest.dropFirst()))
    }

    var methods: [HTTPMethod] {
        switch self {
        case .accounts: [.GET, .HEAD, .POST]
        case .sessions: [.GET, .HEAD, .POST, .DELETE]
        case .session: [.DELETE]
        case .password: [.PUT]
        case .transfers, .transferBatch, .transferLookup, .close, .users, .disable, .reset: [.POST]
        case .account, .balance, .statement, .transfer, .bank, .audit, .me, .securityLog, .health,
            .readiness, .openAPI:
            [.GET, .HEAD]
        }
    }

    /// The parameters that its query may have.
    func queryNames(_ method: HTTPMethod) -> [String] {
        switch self {
        case .balance: BankRoute.BalanceQuery.all
        case .statement: BankRoute.StatementQuery.all
        case .accounts where method != .POST: BankRoute.AccountsQuery.all
        case .securityLog: BankRoute.SecurityLogQuery.all
        default: []
        }
    }

    /// ``methods`` as the header field Allow has them.
    var allowedMethods: String { methods.map(\.rawValue).joined(separator: ", ") }

    /// Whether it is for those who run the server, and not the bank's.
    var isForOperations: Bool {
        self == .health || self == .readiness || self == .openAPI
    }

    /// Whether it tells nothing that a page of another site may not read.
    var takesAnyHost: Bool { self == .health || self == .readiness }

    /// Whether a request changes anything.
    func isWrite(_ method: HTTPMethod) -> Bool { method.isUnsafe && self != .transferLookup }

    /// Whether its bodies are lists.
    var takesLists: Bool { self == .transferBatch || self == .transferLookup }
}

extension HTTPMethod {
    /// RFC 9110, section 9.2.1: it may change something.
    var isUnsafe: Bool { self != .GET && self != .HEAD }
}
