/// What went wrong on hop 1: stable, for programs to act on.
public enum ProblemCode: String, Sendable, Hashable, Codable, CaseIterable {
    case accountInvalid = "account_invalid"
    case accountUnknown = "account_unknown"
    case currencyInvalid = "currency_invalid"
    case pageSizeInvalid = "page_size_invalid"
    case pageTokenInvalid = "page_token_invalid"
    case timeoutInvalid = "timeout_invalid"
    case requestInvalid = "request_invalid"
    case bodyNotAllowed = "body_not_allowed"
    case bodyTooLarge = "body_too_large"
    case pathTooLong = "path_too_long"
    case headersTooLarge = "headers_too_large"
    case routeUnknown = "route_unknown"
    case methodNotAllowed = "method_not_allowed"
    case overloaded = "overloaded"
    case deadlineExceeded = "deadline_exceeded"
    case balanceServiceUnavailable = "balance_service_unavailable"
    case databaseUnavailable = "database_unavailable"
    case `internal` = "internal"

    /// The HTTP status that goes with the code.
    public var status: Int {
        switch self {
        case .accountInvalid, .currencyInvalid, .pageSizeInvalid, .pageTokenInvalid,
            .timeoutInvalid, .requestInvalid, .bodyNotAllowed:
            400
        case .accountUnknown, .routeUnknown: 404
        case .methodNotAllowed: 405
        case .bodyTooLarge: 413
        case .pathTooLong: 414
        case .headersTooLarge: 431
        case .internal: 500
        case .overloaded, .balanceServiceUnavailable, .databaseUnavailable: 503
        case .deadlineExceeded: 504
        }
    }

    /// What kind of problem this is, for people.
    public var title: String {
        switch self {
        case .accountInvalid: "That is not an account number"
        case .accountUnknown: "No such account"
        case .currencyInvalid: "That is not a currency"
        case .pageSizeInvalid: "That is not a page size"
        case .pageTokenInvalid: "That is not a page token"
        case .timeoutInvalid: "That is not a timeout"
        case .requestInvalid: "The request is not valid"
        case .bodyNotAllowed: "This request takes no body"
        case .bodyTooLarge: "The body is too large"
        case .pathTooLong: "The path is too long"
        case .headersTooLarge: "The headers are too large"
        case .routeUnknown: "There is nothing at this path"
        case .methodNotAllowed: "This path does not take that method"
        case .overloaded: "The bank is busy"
        case .deadlineExceeded: "The answer took too long"
        case .balanceServiceUnavailable: "No balance service is ready"
        case .databaseUnavailable: "The database does not answer"
        case .internal: "The bank made a mistake"
        }
    }
}
