import BankAPI
import BankClient
import Ledger

/// Decides how writes are sent: each is in the journal before, its outcome after, and until
/// then no other teller settles it.
///
/// Without I/O, clock and chance: ``JournaledBank`` does what a step says, and tells the result.
struct SendSteps: Sendable {
    /// How often those are sent that the bank could not do at once.
    static let mostRounds = 3

    enum Step: Sendable {
        /// Lock these tries.
        case lock([Identifier])
        case note([JournalEntry])
        /// Ask for the writes at these places, in order.
        case ask([Int])
        case end
    }

    let intents: [JournalIntent]
    /// The outcome of each that was sent, in order.
    private(set) var outcomes: [WriteOutcome<WriteReceipt>] = []
    /// Why the journal does not have the outcomes.
    private(set) var unnoted: JournalFailure?
    private var asked: [Int] = []
    private var rounds = 0

    init(_ intents: [JournalIntent]) {
        self.intents = intents
    }

    var start: Step { .lock(intents.map(\.attempt)) }

    /// - Parameter held: the tries that no other teller has under way.
    /// - Throws: when there is another. Nothing is sent then.
    mutating func locked(_ held: Set<Identifier>) throws(JournalFailure) -> Step {
        guard intents.allSatisfy({ held.contains($0.attempt) }) else { throw .locked }
        return .note(intents.map { .intent($0) })
    }

    /// - Parameter failure: why the journal did not take what was to be noted.
    /// - Throws: when it did not take the intents. Nothing is sent then.
    mutating func noted(_ failure: JournalFailure?) throws(JournalFailure) -> Step {
        guard outcomes.isEmpty else {
            unnoted = failure
            return .end
        }
        if let failure { throw failure }
        asked = Array(intents.indices)
        return .ask(asked)
    }

    /// - Parameters:
    ///   - answers: the outcome of each that was sent; `nil` when nobody wants to send any more.
    ///   - time: by this machine's clock.
    mutating func answered(_ answers: [WriteOutcome<WriteReceipt>]?, at time: Timestamp) -> Step {
        rounds += 1
        if outcomes.isEmpty {
            outcomes = answers ?? []
        } else {
            for (place, answer) in zip(asked, answers ?? []) {
                outcomes[place] = outcomes[place].followed(by: answer)
            }
        }
        let before = asked.count
        asked = outcomes.indices.filter { outcomes[$0].mayBeAskedAgain }
        if answers != nil, goesOn(before: before) { return .ask(asked) }
        // The last first: where a crash leaves a part of them, no line is resumed whose earlier one is not.
        let entries = zip(intents, outcomes).reversed().flatMap { intent, outcome in
            JournalOutcome.all(outcome, of: [intent.attempt], at: time)
        }
        return entries.isEmpty ? .end : .note(entries.map { .outcome($0) })
    }

    /// - Parameter before: how many were asked for.
    private func goesOn(before: Int) -> Bool {
        guard !asked.isEmpty, intents.count > 1 else { return false }
        let isEarly = rounds < Self.mostRounds
        // Whoever tries too often waits, and goes on as long as that helps.
        if asked.contains(where: { outcomes[$0].isLimited }) {
            return isEarly || asked.count < before
        }
        // Where none was answered, the client has asked as often as it may.
        return isEarly && asked.count < intents.count
    }

    /// Why nothing was done of a write, where 'teller resume' would do it: the journal does not have that.
    func stillPending(_ outcome: WriteOutcome<WriteReceipt>) -> TellerError? {
        unnoted == nil ? nil : outcome.resumableFailure
    }
}

extension WriteResult {
    /// Who may not ask for it now may not so soon after either.
    fileprivate var mayBeAskedAgain: Bool {
        switch self {
        case .nothingDone(.unauthenticated, _), .nothingDone(.forbidden, _): false
        default: !isFinal
        }
    }

    fileprivate var isLimited: Bool {
        if case .nothingDone(.tooManyTries, _) = self { true } else { false }
    }

    /// What is known after another try: one that did nothing does not settle one that was lost.
    fileprivate func followed(by next: Self) -> Self {
        if case .unknown = self, case .nothingDone = next { self } else { next }
    }
}

extension JournalOutcome {
    /// What a result says of tries; nothing when it is not known.
    static func all(
        _ result: WriteOutcome<WriteReceipt>, of attempts: some Sequence<Identifier>,
        at time: Timestamp
    ) -> [JournalOutcome] {
        let (what, code, account): (Result, ProblemCode?, AccountNumber?)
        switch result {
        case .done(let receipt): (what, code, account) = (.done, nil, receipt.account?.account)
        case .refused(let given, _): (what, code, account) = (.refused, given, nil)
        case .nothingDone(let given, _): (what, code, account) = (.nothingDone, given, nil)
        case .unknown: return []
        }
        return attempts.map {
            JournalOutcome(
                attempt: $0, result: what, code: code?.rawValue, account: account, time: time)
        }
    }
}
