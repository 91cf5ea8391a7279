/// An error on hop 1, as `application/problem+json`.
///
/// Source: RFC 9457, with the extension members `code`, `tier`, `trace_id` and `retry_after`.
/// It is read with whatever code and tier, and needs no more than its code.
public struct Problem: Error, Sendable, Hashable, Codable {
    public static let mediaType = "application/problem+json"

    /// `urn:problem:teller:` and the code.
    public var type: String
    /// What kind of problem this is; the same text for the same code.
    public var title: String
    /// The HTTP status; 0 when it was not told.
    public var status: Int
    /// What happened this time and what to do about it.
    public var detail: String
    public var code: ProblemCode
    /// Where in the chain it happened.
    public var tier: ProblemTier
    /// The request's trace, to find it in the tiers' logs.
    public var traceID: String?
    /// When to try again, in seconds from now.
    public var retryAfter: Int?

    public init(
        _ code: ProblemCode, detail: String, tier: ProblemTier = .bankServer,
        traceID: String? = nil, retryAfter: Int? = nil
    ) {
        self.type = "urn:problem:teller:\(code.rawValue)"
        self.title = code.title
        self.status = code.status
        self.detail = detail
        self.code = code
        self.tier = tier
        self.traceID = traceID
        self.retryAfter = retryAfter
    }

    /// What is wrong with a request.
    public static func invalid(_ detail: String) -> Problem {
        Problem(.requestInvalid, detail: detail)
    }

    private enum CodingKeys: String, CodingKey {
        case type, title, status, detail, code, tier
        case traceID = "trace_id"
        case retryAfter = "retry_after"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func text(_ key: CodingKeys) throws -> String? {
            try container.decodeIfPresent(String.self, forKey: key)
        }
        code = try container.decode(ProblemCode.self, forKey: .code)
        type = try text(.type) ?? ""
        title = try text(.title) ?? ""
        status = try container.decodeIfPresent(Int.self, forKey: .status) ?? 0
        detail = try text(.detail) ?? ""
        tier = try text(.tier).map(ProblemTier.init) ?? .bankServer
        traceID = try text(.traceID)
        retryAfter = try container.decodeIfPresent(Int.self, forKey: .retryAfter)
    }
}

/// A tier of the chain, as problems, logs and timings name it. A later bank may have others.
public struct ProblemTier: RawRepresentable, Sendable, Hashable, Codable {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    public static let bankServer = Self(rawValue: "bank-server")
    public static let balanceService = Self(rawValue: "balance-service")
    public static let postgreSQL = Self(rawValue: "postgresql")
}
