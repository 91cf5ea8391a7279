/// An error on hop 1, as `application/problem+json`.
///
/// Source: RFC 9457, with the extension members `code`, `tier` and `trace_id`.
public struct Problem: Error, Sendable, Hashable, Codable {
    public static let mediaType = "application/problem+json"

    /// `urn:problem:teller:` and the code.
    public var type: String
    /// What kind of problem this is; the same text for the same code.
    public var title: String
    /// The HTTP status.
    public var status: Int
    /// What happened this time and what to do about it.
    public var detail: String
    public var code: ProblemCode
    /// Where in the chain it happened.
    public var tier: ProblemTier
    /// The request's trace, to find it in the tiers' logs.
    public var traceID: String?

    public init(
        _ code: ProblemCode, detail: String, tier: ProblemTier = .bankServer, traceID: String? = nil
    ) {
        self.type = "urn:problem:teller:\(code.rawValue)"
        self.title = code.title
        self.status = code.status
        self.detail = detail
        self.code = code
        self.tier = tier
        self.traceID = traceID
    }

    private enum CodingKeys: String, CodingKey {
        case type, title, status, detail, code, tier
        case traceID = "trace_id"
    }
}

/// The tiers of the chain, as problems, logs and timings name them.
public enum ProblemTier: String, Sendable, Hashable, Codable {
    case bankServer = "bank-server"
    case balanceService = "balance-service"
    case postgreSQL = "postgresql"
}
