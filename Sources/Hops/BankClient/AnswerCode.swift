public import BankAPI

/// A problem's code as received: a later bank may have some that this client does not know.
public struct AnswerCode: Sendable, Hashable, Decodable {
    public let rawValue: String

    public static let idInvalid = AnswerCode(.idInvalid)
    public static let idUsedWithOtherContent = AnswerCode(.idUsedWithOtherContent)
    public static let linkedRefused = AnswerCode(.linkedRefused)
    public static let otherLedger = AnswerCode(.otherLedger)

    public init(_ code: ProblemCode) { rawValue = code.rawValue }
    public init(rawValue: String) { self.rawValue = rawValue }

    public init(from decoder: any Decoder) throws {
        rawValue = try decoder.singleValueContainer().decode(String.self)
    }

    /// `nil` for one that this client does not know.
    public var known: ProblemCode? { ProblemCode(rawValue: rawValue) }
}
