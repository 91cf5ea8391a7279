import BankAPI
import BankClient
import Ledger

/// Asks a bank again for what is pending, to learn the outcome.
struct Resumption: Sendable {
    enum Outcome: Sendable {
        case done(WriteReceipt)
        case refused(TellerError)
        /// Still not known.
        case unknown(TellerError)
        /// It is another bank's to say.
        case elsewhere
    }

    let bank: JournaledBank
    /// Ends the wait for an answer; the rest is then not asked for.
    let interruption: Interruption

    /// One after the other, in the order they were asked: a later one may build on an earlier.
    ///
    /// - Parameter report: told of each as it is known.
    /// - Throws: when an outcome cannot be written down.
    func run(
        _ writes: [PendingWrites.Write],
        report: (PendingWrites.Write, Outcome) throws(TellerError) -> Void
    ) async throws(TellerError) {
        var away: TellerError?
        var unsettled = UnsettledAccounts()
        for write in writes {
            if write.intent.ledger != bank.ledger {
                try report(write, .elsewhere)
            } else if write.isUnderWay {
                unsettled.add(write.intent.write)
                try report(write, .unknown(.underWay))
            } else if write.hasLaterOutcome {
                unsettled.add(write.intent.write)
                try report(write, .unknown(.ofLaterTeller))
            } else if interruption.hasCome {
                try report(write, .unknown(TellerError(.interrupted, "interrupted")))
            } else if let away {
                try report(write, .unknown(away))
            } else if unsettled.concern(write.intent.write) {
                unsettled.add(write.intent.write)
                try report(write, .unknown(.afterAnother))
            } else {
                let outcome = try await ask(write)
                if case .unknown = outcome { unsettled.add(write.intent.write) }
                // Where nobody listens any more, each one would only say so again.
                if case .unknown(let error) = outcome, error.status == .unavailable { away = error }
                try report(write, outcome)
            }
        }
    }

    private func ask(_ write: PendingWrites.Write) async throws(TellerError) -> Outcome {
        let result = await interruption.cancelling { [bank] in
            await bank.client.restarted().submit(write.intent.write, ledger: bank.ledger)
        }
        // A try that did nothing does not settle the one before it.
        if result.isFinal {
            try await bank.journal.append(JournalOutcome.all(result, of: Array(write.attempts)))
        }
        return switch result {
        case .done(let receipt): .done(receipt)
        case .refused(_, let error): .refused(error)
        // Its id is taken by something else, so this can never have been done.
        case .nothingDone(_, let error) where result.isFinal: .refused(error)
        case .nothingDone(.otherLedger, _): .elsewhere
        case .nothingDone(_, let error), .unknown(let error): .unknown(error)
        }
    }
}
