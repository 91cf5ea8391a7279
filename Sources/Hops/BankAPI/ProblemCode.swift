public import Ledger

/// What went wrong on hop 1: stable, for programs to act on.
public enum ProblemCode: String, Sendable, Hashable, Codable, CaseIterable {
    case accountInvalid = "account_invalid"
    case accountUnknown = "account_unknown"
    case currencyInvalid = "currency_invalid"
    case pageSizeInvalid = "page_size_invalid"
    case pageTokenInvalid = "page_token_invalid"
    case timeoutInvalid = "timeout_invalid"
    case requestInvalid = "request_invalid"
    case hostNotAllowed = "host_not_allowed"
    case originNotAllowed = "origin_not_allowed"
    case bodyNotAllowed = "body_not_allowed"
    case bodyTooLarge = "body_too_large"
    case pathTooLong = "path_too_long"
    case headersTooLarge = "headers_too_large"
    case routeUnknown = "route_unknown"
    case methodNotAllowed = "method_not_allowed"
    case idInvalid = "id_invalid"
    case timeInvalid = "time_invalid"
    case versionNotReached = "version_not_reached"
    case outcomeUnknown = "outcome_unknown"
    case otherLedger = "other_ledger"
    case overloaded = "overloaded"
    case deadlineExceeded = "deadline_exceeded"
    case balanceServiceUnavailable = "balance_service_unavailable"
    case databaseUnavailable = "database_unavailable"
    case `internal` = "internal"

    // The ledger's refusals, besides account_unknown.
    case insufficientFunds = "insufficient_funds"
    case accountClosed = "account_closed"
    case currencyMismatch = "currency_mismatch"
    case sameAccount = "same_account"
    case accountIsCash = "account_is_cash"
    case amountNotPositive = "amount_not_positive"
    case amountTooLarge = "amount_too_large"
    case idUsedWithOtherContent = "id_used_with_other_content"
    case holdUnknown = "hold_unknown"
    case holdAlreadyPosted = "hold_already_posted"
    case holdAlreadyVoided = "hold_already_voided"
    case holdExpired = "hold_expired"
    case amountExceedsHold = "amount_exceeds_hold"
    case transferUnknown = "transfer_unknown"
    case alreadyReversed = "already_reversed"
    case linkedRefused = "linked_refused"
    case accountNotEmpty = "account_not_empty"
    case accountHasHolds = "account_has_holds"
    case nameInvisible = "name_invisible"

    /// The HTTP status that goes with the code.
    public var status: Int {
        switch self {
        case .accountInvalid, .currencyInvalid, .pageSizeInvalid, .pageTokenInvalid,
            .timeoutInvalid, .requestInvalid, .bodyNotAllowed, .idInvalid, .timeInvalid:
            400
        case .originNotAllowed: 403
        case .accountUnknown, .routeUnknown, .holdUnknown, .transferUnknown: 404
        case .methodNotAllowed: 405
        case .bodyTooLarge: 413
        case .pathTooLong: 414
        case .hostNotAllowed: 421
        case .headersTooLarge: 431
        case .internal: 500
        case .overloaded, .balanceServiceUnavailable, .databaseUnavailable: 503
        case .deadlineExceeded, .outcomeUnknown: 504
        case .versionNotReached, .otherLedger, .idUsedWithOtherContent: 409
        case .insufficientFunds, .accountClosed, .currencyMismatch, .sameAccount, .accountIsCash,
            .amountNotPositive, .amountTooLarge, .holdAlreadyPosted, .holdAlreadyVoided,
            .holdExpired, .amountExceedsHold, .alreadyReversed, .linkedRefused, .accountNotEmpty,
            .accountHasHolds, .nameInvisible:
            422
        }
    }

    /// What kind of problem this is, for people.
    public var title: String {
        switch self {
        case .accountInvalid: "Invalid account number"
        case .accountUnknown: "No such account"
        case .currencyInvalid: "Invalid currency"
        case .pageSizeInvalid: "Invalid page size"
        case .pageTokenInvalid: "Invalid page token"
        case .timeoutInvalid: "Invalid timeout"
        case .requestInvalid: "Invalid request"
        case .hostNotAllowed: "That is not a name of this server"
        case .originNotAllowed: "A page of another site must not write"
        case .bodyNotAllowed: "This request takes no body"
        case .bodyTooLarge: "The body is too large"
        case .pathTooLong: "The path is too long"
        case .headersTooLarge: "The headers are too large"
        case .routeUnknown: "No such path"
        case .methodNotAllowed: "Method not allowed"
        case .overloaded: "The bank is busy"
        case .deadlineExceeded: "The answer took too long"
        case .balanceServiceUnavailable: "No balance service is ready"
        case .databaseUnavailable: "The database does not answer"
        case .idInvalid: "Invalid id"
        case .timeInvalid: "Invalid time"
        case .versionNotReached: "The account has not reached that version"
        case .outcomeUnknown: "The outcome is not known"
        case .otherLedger: "The request is for another ledger"
        case .insufficientFunds: "Insufficient funds"
        case .accountClosed: "The account is closed"
        case .currencyMismatch: "The currencies differ"
        case .sameAccount: "The accounts are the same"
        case .accountIsCash: "The bank's cash account cannot be used for this"
        case .amountNotPositive: "The amount is not positive"
        case .amountTooLarge: "The amount is too large"
        case .idUsedWithOtherContent: "The id was used for something else"
        case .holdUnknown: "No such hold"
        case .holdAlreadyPosted: "The hold was posted already"
        case .holdAlreadyVoided: "The hold was voided already"
        case .holdExpired: "The hold has expired"
        case .amountExceedsHold: "The amount is more than the hold"
        case .transferUnknown: "No such transfer"
        case .alreadyReversed: "The transfer was reversed already"
        case .linkedRefused: "Another transfer of the group was refused"
        case .accountNotEmpty: "The account's balance is not zero"
        case .accountHasHolds: "The account has holds"
        case .nameInvisible: "The name has no visible character"
        case .internal: "Internal error"
        }
    }
}

extension ProblemCode {
    /// The code of a refusal of the ledger: each has one, of the same name.
    public init(_ refusal: Refusal) {
        self = ProblemCode(rawValue: refusal.rawValue) ?? .internal
    }

    /// The refusal of the ledger that this is, if it is one.
    public var refusal: Refusal? { Refusal(rawValue: rawValue) }
}
