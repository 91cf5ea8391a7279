public import GRPCCore
public import GRPCProtobuf

/// Why a call on hop 2 failed as a whole: the `reason` of its google.rpc.ErrorInfo.
public enum BalanceErrorReason: String, Sendable, Hashable, CaseIterable {
    /// PostgreSQL is not there or does not answer; with UNAVAILABLE.
    case databaseUnavailable = "DATABASE_UNAVAILABLE"
    /// The service is shutting down; with UNAVAILABLE.
    case shuttingDown = "SHUTTING_DOWN"
    /// As much is waiting as may wait; with RESOURCE_EXHAUSTED.
    case overloaded = "OVERLOADED"
    /// The call's deadline passed; with DEADLINE_EXCEEDED.
    case deadlineExceeded = "DEADLINE_EXCEEDED"
    /// More queries than a request may hold; with INVALID_ARGUMENT.
    case tooManyQueries = "TOO_MANY_QUERIES"
    /// With INVALID_ARGUMENT.
    case pageTokenInvalid = "PAGE_TOKEN_INVALID"
    /// With INVALID_ARGUMENT.
    case pageSizeInvalid = "PAGE_SIZE_INVALID"
    /// The request itself is invalid, such as a malformed UUID; with INVALID_ARGUMENT.
    case requestInvalid = "REQUEST_INVALID"
    /// The caller has no session, or one that has ended; with UNAUTHENTICATED.
    case unauthenticated = "UNAUTHENTICATED"
    /// An operator's act; with PERMISSION_DENIED.
    case forbidden = "FORBIDDEN"
    /// The caller has tried too much that was refused; with RESOURCE_EXHAUSTED.
    case tooManyTries = "TOO_MANY_TRIES"
    /// This bank has no such account that is the caller's to see; with NOT_FOUND.
    case accountUnknown = "ACCOUNT_UNKNOWN"
    /// With INVALID_ARGUMENT.
    case currencyInvalid = "CURRENCY_INVALID"
    /// A mistake of the service; its log says which. With INTERNAL.
    case `internal` = "INTERNAL"

    /// The `domain` of every ErrorInfo on hop 2.
    public static let domain = "teller"

    /// The gRPC status code that goes with the reason.
    public var code: RPCError.Code {
        switch self {
        case .databaseUnavailable, .shuttingDown: .unavailable
        case .overloaded, .tooManyTries: .resourceExhausted
        case .unauthenticated: .unauthenticated
        case .forbidden: .permissionDenied
        case .deadlineExceeded: .deadlineExceeded
        case .tooManyQueries, .pageTokenInvalid, .pageSizeInvalid, .currencyInvalid,
            .requestInvalid:
            .invalidArgument
        case .accountUnknown: .notFound
        case .internal: .internalError
        }
    }

    /// The error to answer a call with.
    ///
    /// - Parameter message: For people; it must not hold SQL or secrets.
    public func status(_ message: String) -> GoogleRPCStatus {
        GoogleRPCStatus(
            code: code, message: message,
            details: .errorInfo(reason: rawValue, domain: Self.domain))
    }

    /// The reason that an error of a call carries, if it is one of hop 2's and known here.
    public init?(of error: RPCError) {
        guard let reason = Self.texts(in: error).lazy.compactMap({ Self(rawValue: $0) }).first
        else { return nil }
        self = reason
    }

    /// Whether a service of hop 2 has said why the call failed, be it known here or not.
    public static func isGiven(by error: RPCError) -> Bool {
        !texts(in: error).isEmpty
    }

    private static func texts(in error: RPCError) -> [String] {
        guard let status = try? error.unpackGoogleRPCStatus() else { return [] }
        return status.details.compactMap { detail in
            detail.errorInfo.flatMap { $0.domain == domain ? $0.reason : nil }
        }
    }
}
