import Synchronization

/// Something that a bank must never do, and which of the checks found it.
struct Violation: Sendable, CustomStringConvertible {
    enum Check: String, Sendable, CaseIterable {
        case wholeState = "every whole-state read sums to zero"
        case limits = "no account is ever below its limit"
        case rowsAgree = "an account's row agrees with its last entry"
        case versionsGrow = "what was seen once stays"
        case readYourWrites = "an account is as new as its acknowledged version"
        case answers = "only answers that a bank may give"
        case repeats = "a repeat is answered as the first try"
        case otherContent = "an id is not used for two things"
        case settles = "every unknown outcome is settled by repeating it"
        case acknowledged = "what was acknowledged is there, as it was acknowledged"
        case refused = "what was refused is there, refused"
        case notDone = "what was said not to be done is not there"
        case asked = "what is there was asked for, as it is there"
        case linked = "what is linked is done together or not at all"
        case balances = "balances are the start and the sum of the history"
        case held = "what is held is the sum of the pending holds"
        case audit = "the audit is clean"
        case journal = "the client's journal agrees with the ledger"
    }

    var check: Check
    var detail: String

    var description: String { "\(check.rawValue): \(detail)" }
}

/// What was found so far, by all who look.
final class Violations: Sendable {
    private static let most = 200
    private let found = Mutex<[Violation]>([])

    var all: [Violation] { found.withLock { $0 } }

    func add(_ check: Violation.Check, _ detail: String) {
        found.withLock { found in
            if found.count < Self.most { found.append(Violation(check: check, detail: detail)) }
        }
    }
}
