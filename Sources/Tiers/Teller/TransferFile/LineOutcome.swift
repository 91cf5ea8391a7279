import BankAPI
import BankClient
import Ledger

/// The outcome of a line of a file of transfers.
enum LineOutcome: Sendable {
    case done(Transfer?)
    case refused(code: String, why: String)
    /// It may or may not have been done.
    case unknown(why: String)
    /// Nothing was done: the bank could not, or it was never sent.
    case notDone(why: String)
    /// The line itself is wrong, and was not sent.
    case invalid(why: String)

    init(_ result: WriteOutcome<WriteReceipt>) {
        switch result {
        case .done(let receipt): self = .done(receipt.transfer)
        case .refused(let code, let error): self = Self.refusal(code, error)
        // The ledger's last word on this line, too.
        case .nothingDone(.idUsedWithOtherContent, let error):
            self = Self.refusal(.idUsedWithOtherContent, error)
        case .nothingDone(_, let error): self = .notDone(why: error.what)
        case .unknown(let error): self = .unknown(why: error.what)
        }
    }

    private static func refusal(_ code: AnswerCode, _ error: TellerError) -> LineOutcome {
        .refused(
            code: code.rawValue, why: code.words ?? error.what.withoutPrefix("refused: "))
    }

    enum Kind: String, Sendable, CaseIterable, Encodable {
        case done, refused, unknown
        case notDone = "not_done"
        case invalid

        var words: String { rawValue.replacing("_", with: " ") }
    }

    var kind: Kind {
        switch self {
        case .done: .done
        case .refused: .refused
        case .unknown: .unknown
        case .notDone: .notDone
        case .invalid: .invalid
        }
    }

    /// Why it was not done; empty when it was.
    var why: String {
        switch self {
        case .done: ""
        case .refused(_, let why), .unknown(let why), .notDone(let why), .invalid(let why): why
        }
    }
}

extension LineOutcome {
    /// Why it was not done, with the code of a refusal.
    var reason: String {
        if case .refused(let code, let why) = self { "\(code): \(why)" } else { why }
    }
}
