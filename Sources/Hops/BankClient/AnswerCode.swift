import BankAPI

/// A problem's code as received: a later bank may have some that this client does not know.
struct AnswerCode: Sendable, Hashable {
    let rawValue: String

    static let idInvalid = AnswerCode(.idInvalid)
    static let idUsedWithOtherContent = AnswerCode(.idUsedWithOtherContent)
    static let linkedRefused = AnswerCode(.linkedRefused)
    static let otherLedger = AnswerCode(.otherLedger)

    init(_ code: ProblemCode) { rawValue = code.rawValue }
    init(rawValue: String) { self.rawValue = rawValue }

    /// `nil` for one that this client does not know.
    var known: ProblemCode? { ProblemCode(rawValue: rawValue) }
}
