public import Ledger

/// What went wrong on hop 1: stable, for programs to act on. A later bank may have codes that are not
/// known here.
public struct ProblemCode: RawRepresentable, Sendable, Hashable, Codable {
    public let rawValue: String
    /// The HTTP status that goes with the code; 0 when it is not known.
    public let status: Int
    /// What kind of problem this is, for people; empty when it is not known.
    public let title: String

    public init(rawValue: String) {
        self = Self.byName[rawValue] ?? ProblemCode(rawValue, 0, "")
    }

    /// The code of a refusal of the ledger: of the same name, also of one that is not known here.
    public init(refusal name: String) {
        self = Self.byName[name] ?? ProblemCode(name, 422, "Refused by the ledger")
    }

    private init(_ rawValue: String, _ status: Int, _ title: String) {
        (self.rawValue, self.status, self.title) = (rawValue, status, title)
    }

    private init(_ refusal: Refusal, status: Int = 422, _ title: String) {
        self.init(refusal.rawValue, status, title)
    }

    public static func == (one: ProblemCode, other: ProblemCode) -> Bool {
        one.rawValue == other.rawValue
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }

    public var isKnown: Bool { status > 0 }

    /// The refusal of the ledger that this is, if it is one that is known.
    public var refusal: Refusal? { Refusal(rawValue: rawValue) }

    public static let accountInvalid = Self("account_invalid", 400, "Invalid account number")
    public static let accountUnknown = Self(.accountUnknown, status: 404, "No such account")
    public static let currencyInvalid = Self("currency_invalid", 400, "Invalid currency")
    public static let pageSizeInvalid = Self("page_size_invalid", 400, "Invalid page size")
    public static let pageTokenInvalid = Self("page_token_invalid", 400, "Invalid page token")
    public static let timeoutInvalid = Self("timeout_invalid", 400, "Invalid timeout")
    public static let requestInvalid = Self("request_invalid", 400, "Invalid request")
    public static let hostNotAllowed = Self(
        "host_not_allowed", 421, "That is not a name of this server")
    public static let originNotAllowed = Self(
        "origin_not_allowed", 403, "A page of another site must not write")
    public static let bodyNotAllowed = Self(
        "body_not_allowed", 400, "This request takes no body")
    public static let bodyTooLarge = Self("body_too_large", 413, "The body is too large")
    public static let pathTooLong = Self("path_too_long", 414, "The path is too long")
    public static let headersTooLarge = Self(
        "headers_too_large", 431, "The headers are too large")
    public static let routeUnknown = Self("route_unknown", 404, "No such path")
    public static let methodNotAllowed = Self("method_not_allowed", 405, "Method not allowed")
    public static let idInvalid = Self(.idInvalid, status: 400, "Invalid id")
    public static let timeInvalid = Self("time_invalid", 400, "Invalid time")
    public static let versionNotReached = Self(
        "version_not_reached", 409, "The account has not reached that version")
    public static let outcomeUnknown = Self("outcome_unknown", 504, "The outcome is not known")
    public static let otherLedger = Self(
        "other_ledger", 409, "The request is for another ledger")
    public static let overloaded = Self("overloaded", 503, "The bank is busy")
    public static let deadlineExceeded = Self(
        "deadline_exceeded", 504, "The answer took too long")
    public static let balanceServiceUnavailable = Self(
        "balance_service_unavailable", 503, "No balance service is ready")
    public static let databaseUnavailable = Self(
        "database_unavailable", 503, "The database does not answer")
    public static let `internal` = Self("internal", 500, "Internal error")
    public static let insufficientFunds = Self(.insufficientFunds, "Insufficient funds")
    public static let accountClosed = Self(.accountClosed, "The account is closed")
    public static let currencyMismatch = Self(.currencyMismatch, "The currencies differ")
    public static let sameAccount = Self(.sameAccount, "The accounts are the same")
    public static let accountIsCash = Self(
        .accountIsCash, "The bank's cash account cannot be used for this")
    public static let amountNotPositive = Self(.amountNotPositive, "The amount is not positive")
    public static let amountTooLarge = Self(.amountTooLarge, "The amount is too large")
    public static let idUsedWithOtherContent = Self(
        .idUsedWithOtherContent, status: 409, "The id was used for something else")
    public static let holdUnknown = Self(.holdUnknown, status: 404, "No such hold")
    public static let holdAlreadyPosted = Self(.holdAlreadyPosted, "The hold was posted already")
    public static let holdAlreadyVoided = Self(.holdAlreadyVoided, "The hold was voided already")
    public static let holdExpired = Self(.holdExpired, "The hold has expired")
    public static let amountExceedsHold = Self(
        .amountExceedsHold, "The amount is more than the hold")
    public static let transferUnknown = Self(.transferUnknown, status: 404, "No such transfer")
    public static let alreadyReversed = Self(
        .alreadyReversed, "The transfer was reversed already")
    public static let linkedRefused = Self(
        .linkedRefused, "Another transfer of the group was refused")
    public static let accountNotEmpty = Self(
        .accountNotEmpty, "The account's balance is not zero")
    public static let accountHasHolds = Self(.accountHasHolds, "The account has holds")
    public static let unauthenticated = Self("unauthenticated", 401, "Not signed in")
    public static let forbidden = Self(.forbidden, status: 403, "Not allowed")
    public static let ownerUnknown = Self(.ownerUnknown, "No such owner")
    public static let tooManyTries = Self("too_many_tries", 429, "Too many tries")
    public static let passwordRefused = Self("password_refused", 422, "Not a good password")
    public static let sessionUnknown = Self("session_unknown", 404, "No such session")
    public static let userInvalid = Self("user_invalid", 400, "Invalid user name")
    public static let userExists = Self("user_exists", 409, "The user name is taken")
    public static let userUnknown = Self("user_unknown", 404, "No such user")
    public static let nameInvisible = Self(.nameInvisible, "The name has no visible character")
}

extension ProblemCode: CaseIterable {
    /// Those that are known.
    public static let allCases: [ProblemCode] = [
        accountInvalid, accountUnknown, currencyInvalid, pageSizeInvalid, pageTokenInvalid,
        timeoutInvalid, requestInvalid, hostNotAllowed, originNotAllowed, bodyNotAllowed,
        bodyTooLarge, pathTooLong, headersTooLarge, routeUnknown, methodNotAllowed, idInvalid,
        timeInvalid, versionNotReached, outcomeUnknown, otherLedger, overloaded, deadlineExceeded,
        balanceServiceUnavailable, databaseUnavailable, `internal`, insufficientFunds,
        accountClosed, currencyMismatch, sameAccount, accountIsCash, amountNotPositive,
        amountTooLarge, idUsedWithOtherContent, holdUnknown, holdAlreadyPosted,
        holdAlreadyVoided, holdExpired, amountExceedsHold, transferUnknown, alreadyReversed,
        linkedRefused, accountNotEmpty, accountHasHolds, nameInvisible, ownerUnknown,
        unauthenticated, forbidden, tooManyTries, passwordRefused, sessionUnknown, userInvalid,
        userExists,
        userUnknown,
    ]

    private static let byName = Dictionary(uniqueKeysWithValues: allCases.map { ($0.rawValue, $0) })
}
