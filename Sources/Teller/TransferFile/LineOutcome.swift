import BankAPI
import Ledger

/// What came of a line of a file of transfers.
enum LineOutcome: Sendable {
    case done(Transfer)
    case refused(code: String, why: String)
    /// It may or may not have been done.
    case unknown(why: String)
    /// Nothing was done: the bank could not, or it was never sent.
    case notDone(why: String)
    /// The line itself is wrong, and was not sent.
    case invalid(why: String)

    init(_ result: WriteResult<Transfer>) {
        switch result {
        case .done(let transfer): self = .done(transfer)
        case .refused(let code, let error): self = Self.refusal(code, error)
        // The ledger's last word on this line, too.
        case .nothingDone(.idUsedWithOtherContent, let error):
            self = Self.refusal(.idUsedWithOtherContent, error)
        case .nothingDone(_, let error): self = .notDone(why: error.what)
        case .unknown(let error): self = .unknown(why: error.what)
        }
    }

    private static func refusal(_ code: ProblemCode, _ error: TellerError) -> LineOutcome {
        let why = code.refusal?.explanation.withoutStop.lowercasedFirst ?? error.what
        return .refused(code: code.rawValue, why: why)
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

/// How many lines came to what.
struct LineCounts: Sendable, Hashable {
    private var counts: [LineOutcome.Kind: Int] = [:]
    private(set) var total = 0

    mutating func count(_ outcome: LineOutcome) {
        counts[outcome.kind, default: 0] += 1
        total += 1
    }

    subscript(_ kind: LineOutcome.Kind) -> Int { counts[kind, default: 0] }

    /// Such as `3 done, 1 refused`.
    var description: String {
        let parts = LineOutcome.Kind.allCases.compactMap { kind in
            self[kind] == 0 ? nil : "\(self[kind].grouped) \(kind.words)"
        }
        return parts.joined(separator: ", ")
    }

    /// What came of the lines so far, where it could not be shown and no more were sent.
    func failure(unwritable error: TellerError) -> TellerError {
        let isUnknown = self[.unknown] > 0
        var failure = error.said(
            after: "\(isUnknown ? "UNKNOWN: " : "")\(description), and no other line was sent: ")
        if isUnknown { failure.status = .outcomeUnknown }
        return failure
    }

    /// Why not all is well, if it is not: what is worst decides.
    ///
    /// - Parameter stop: why the rest was not sent, if it was not.
    func failure(_ stop: TellerError?) -> TellerError? {
        if self[.unknown] > 0 {
            return TellerError(
                .outcomeUnknown, "UNKNOWN: \(description)",
                advice: "'teller resume' settles those that are unknown; run the file again only "
                    + "if each of its lines has an id")
        }
        if let stop {
            var error = stop
            error.what = "\(description): \(stop.what)"
            return error
        }
        if self[.refused] > 0 { return TellerError(.refused, description) }
        if self[.notDone] > 0 {
            return TellerError(
                .temporaryFailure, description, advice: "send those that were not done again")
        }
        guard self[.invalid] > 0 else { return nil }
        return TellerError(
            .dataError, description, advice: "correct those lines, and send them alone")
    }
}
