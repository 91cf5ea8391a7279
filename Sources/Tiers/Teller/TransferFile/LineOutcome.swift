import BankAPI
import BankClient
import Ledger

/// The outcome of a line of a file of transfers.
struct LineOutcome: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        case done, refused
        /// It may or may not have been done.
        case unknown
        /// The bank could not, or it was never sent.
        case notDone = "not_done"
        /// The line itself is wrong, and was not sent.
        case invalid

        var words: String { rawValue.replacing("_", with: " ") }
    }

    var kind: Kind
    /// What was done.
    var transfer: Transfer?
    /// That of a refusal.
    var code: String?
    /// Why it was not done; empty when it was.
    var why = ""

    /// Why it was not done, with the code of a refusal.
    var reason: String { (code.map { "\($0): " } ?? "") + why }
}

extension LineOutcome {
    init(_ result: WriteOutcome<WriteReceipt>) {
        switch result {
        case .done(let receipt): self.init(kind: .done, transfer: receipt.transfer)
        // The second is the ledger's last word on this line, too.
        case .refused(let code, let error),
            .nothingDone(let code?, let error) where code == .idUsedWithOtherContent:
            self.init(
                kind: .refused, code: code.rawValue,
                why: code.words ?? error.what.withoutPrefix("refused: "))
        case .nothingDone(_, let error): self.init(kind: .notDone, why: error.what)
        case .unknown(let error): self.init(kind: .unknown, why: error.what)
        }
    }
}
