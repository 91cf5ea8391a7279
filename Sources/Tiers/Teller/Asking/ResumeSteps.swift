import BankAPI
import BankClient
import Ledger

/// Decides what becomes of the writes that the journal has without an outcome: the bank is asked again, one
/// after the other, or a person gives up on one.
///
/// Without I/O, clock and chance, as ``SendSteps``.
struct ResumeSteps: Sendable {
    enum Outcome: Sendable {
        case done(WriteReceipt)
        case refused(TellerError)
        /// Still not known.
        case unknown(TellerError)
        /// It is another bank's to say.
        case elsewhere
        /// Somebody else asked, who can resume it.
        case ofAnother(String)
    }

    enum Step: Sendable {
        /// Find what is pending.
        case read
        /// Lock these tries.
        case lock([Identifier])
        /// ``writes`` are to be settled now.
        case settle
        case ask(BankWrite)
        case note([JournalEntry])
        case report(PendingWrites.Write, Outcome)
        case end
    }

    /// What is pending, in the order it was sent.
    private(set) var writes: [PendingWrites.Write] = []
    private var held: Set<Identifier>?
    private var next = 0
    private var answer: Outcome?
    /// The try that makes a write hers that was nobody's.
    private var claim: Identifier?
    private var unsettled = UnsettledAccounts()
    /// What was nobody's, as the rest that may build on it still is.
    private var ofOthers = UnsettledAccounts()
    /// Why no bank answers any more.
    private var away: TellerError?

    // MARK: What is pending

    /// Read again once it is locked: whoever had it under way may have ended, and noted the outcome.
    mutating func found(_ found: [PendingWrites.Write]) -> Step {
        writes = found
        guard let held else {
            return found.isEmpty ? .settle : .lock(found.flatMap(\.attempts))
        }
        for index in writes.indices {
            writes[index].isUnderWay = !writes[index].attempts.isSubset(of: held)
        }
        return .settle
    }

    /// - Parameter held: the tries that no other teller has under way.
    mutating func locked(_ held: Set<Identifier>) -> Step {
        self.held = held
        return .read
    }

    // MARK: Asking again

    /// One after the other, as a later one may build on an earlier.
    ///
    /// - Parameters:
    ///   - ledger: that of the bank that is asked.
    ///   - asker: who asks, and a new try that she may need; `nil` without a session.
    ///   - isInterrupted: whether nothing more is to be asked.
    mutating func resume(
        at ledger: Identifier, as asker: (user: String, attempt: Identifier)? = nil,
        isInterrupted: Bool
    ) -> Step {
        guard next < writes.count else { return .end }
        let write = writes[next]
        if write.intent.ledger != ledger { return report(.elsewhere) }
        if let user = write.intent.user, user != asker?.user { return report(.ofAnother(user)) }
        if write.isUnderWay { return report(.unknown(.underWay)) }
        if write.hasLaterOutcome { return report(.unknown(.ofLaterTeller)) }
        if isInterrupted { return report(.unknown(TellerError(.interrupted, "interrupted"))) }
        if let away { return report(.unknown(away)) }
        if unsettled.concern(write.intent.write)
            || write.intent.user == nil && ofOthers.concern(write.intent.write)
        {
            return report(.unknown(.afterAnother))
        }
        guard write.intent.user == nil, let asker else { return .ask(write.intent.write) }
        claim = asker.attempt
        writes[next].intent.user = asker.user
        writes[next].attempts.insert(asker.attempt)
        var intent = writes[next].intent
        intent.attempt = asker.attempt
        return .note([.intent(intent)])
    }

    /// - Parameter time: by this machine's clock.
    mutating func answered(_ result: WriteOutcome<WriteReceipt>, at time: Timestamp) -> Step {
        // Of what was nobody's the bank tells nothing to who may not see it.
        let isHidden =
            if case .nothingDone(.idUsedWithOtherContent, _) = result {
                claim != nil || writes[next].wasNobodys
            } else {
                false
            }
        let outcome: Outcome =
            switch result {
            case .nothingDone where isHidden: .unknown(.hidden)
            case .done(let receipt): .done(receipt)
            case .refused(_, let error): .refused(error)
            // Its id is taken by something else, so this can never have been done.
            case .nothingDone(_, let error) where result.isFinal: .refused(error)
            case .nothingDone(.otherLedger, _): .elsewhere
            case .nothingDone(_, let error), .unknown(let error): .unknown(error)
            }
        // A try that did nothing does not settle the one before it.
        let isFinal = result.isFinal && !isHidden
        let attempts = isFinal ? writes[next].attempts : Set([claim].compactMap(\.self))
        let outcomes = JournalOutcome.all(result, of: attempts, at: time)
        guard !outcomes.isEmpty else { return report(outcome) }
        answer = outcome
        return .note(outcomes.map { .outcome($0) })
    }

    /// The journal has the answer, or whose it is from now on.
    mutating func noted() -> Step {
        if let answer { return report(answer) }
        return next < writes.count ? .ask(writes[next].intent.write) : .end
    }

    private mutating func report(_ outcome: Outcome) -> Step {
        let write = writes[next]
        next += 1
        (answer, claim) = (nil, nil)
        if case .ofAnother = outcome, write.wasNobodys { ofOthers.add(write.intent.write) }
        if case .unknown(let error) = outcome {
            unsettled.add(write.intent.write)
            // Each one would only say so again.
            if error.status == .unavailable || error.isOfAsker { away = error }
        }
        return .report(write, outcome)
    }

    // MARK: Giving up

    /// What is pending under an id is neither resumed nor audited from now on.
    ///
    /// - Throws: when nothing is, or another teller is sending it.
    mutating func forget(_ id: Identifier, at time: Timestamp) throws(TellerError) -> Step {
        writes = writes.filter { $0.intent.write.ids.contains(id) }
        guard !writes.isEmpty else {
            throw TellerError(
                .dataError, "there is no pending request \(id)",
                advice: "'teller pending' lists what is")
        }
        guard !writes.contains(where: \.isUnderWay) else {
            throw TellerError.underWay.said(after: "nothing was forgotten: ")
        }
        return .note(
            writes.flatMap(\.attempts).map {
                .outcome(JournalOutcome(attempt: $0, result: .abandoned, time: time))
            })
    }
}
