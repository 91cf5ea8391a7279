import BankAPI
import HTTPTypes

/// Which route a path names. Few enough to match by hand, which also tells a wrong method from a
/// wrong path.
enum MatchedRoute: Sendable, Equatable {
    case accounts
    /// The text in the place of the account number, not yet checked.
    case account(Substring)
    case balance(Substring)
    case health
    case readiness
    case openAPI

    init?(path: String) {
        switch path {
        case BankRoute.accounts: self = .accounts
        case BankRoute.health: self = .health
        case BankRoute.readiness: self = .readiness
        case BankRoute.openAPI: self = .openAPI
        default:
            let prefix = BankRoute.accounts + "/"
            guard path.utf8.starts(with: prefix.utf8) else { return nil }
            let rest = path[path.utf8.index(path.startIndex, offsetBy: prefix.utf8.count)...]
            let parts = rest.split(separator: "/", omittingEmptySubsequences: false)
            switch parts.count {
            case 1 where !parts[0].isEmpty: self = .account(parts[0])
            case 2 where !parts[0].isEmpty && parts[1] == "balance": self = .balance(parts[0])
            default: return nil
            }
        }
    }

    /// All routes only read.
    static let allowedMethods = "GET, HEAD"

    static func isAllowed(_ method: HTTPRequest.Method) -> Bool {
        method == .get || method == .head
    }
}
