import BankAPI
import BankClient
import Ledger

/// A bank that writes are sent to, as ``SendSteps`` and ``ResumeSteps`` decide.
struct JournaledBank: Sendable {
    let client: BankClient
    let journal: Journal
    let bank: Bank
    /// Who asks; `nil` without a session.
    let user: String?

    var ledger: Identifier { bank.ledger }
    /// Which bank it is and where, for every answer of a write.
    var name: BankName { BankName(bank: bank.bank, server: client.address.description) }

    /// Sends a write. Ctrl-C ends the wait for its answer.
    ///
    /// - Throws: why it was not done; ``ExitStatus/outcomeUnknown`` when it may have been.
    func perform(_ write: BankWrite) async throws(TellerError) -> WriteReceipt {
        let steps = try await Interruption.trapping {
            interruption throws(TellerError) -> SendSteps in
            try await send([write]) { _ in [await ask(write, interruption)] }
        }
        let unnoted = steps.unnoted.map { TellerError(outcomeNotIn: journal, $0) }
        guard let outcome = steps.outcomes.first else {
            throw TellerError(.software, "the request was not sent")
        }
        if let why = steps.stillPending(outcome), let unnoted {
            throw why.leavingIntent(of: write, unnoted)
        }
        // The outcome is known nevertheless.
        StandardStreams.complain(unnoted?.line)
        switch outcome {
        case .done(let receipt): return receipt
        case .refused(_, let error): throw error
        // Nobody shall wonder whether to pay again.
        case .nothingDone(_, let error): throw error.advising("nothing was done")
        case .unknown(let error):
            throw error.changed {
                $0.status = .outcomeUnknown
                $0.what = "UNKNOWN: \(write.name) may or may not have been done: \($0.what)"
                $0.advice = "'teller resume' settles it"
            }
        }
    }

    /// Waiting for the journal took none of the time that the bank has.
    func ask(
        _ write: BankWrite, _ interruption: Interruption
    ) async -> WriteOutcome<WriteReceipt> {
        await interruption.cancelling { await client.restarted().submit(write, ledger: ledger) }
    }

    /// Asks for writes, as ``SendSteps`` decides.
    ///
    /// - Parameter ask: asks for those at some places; `nil` when nothing more is to be asked.
    /// - Throws: when the journal did not take them, and nothing was sent.
    func send(
        _ writes: [BankWrite], ask: ([Int]) async -> [WriteOutcome<WriteReceipt>]?
    ) async throws(TellerError) -> SendSteps {
        do throws(JournalFailure) {
            return try await send(
                SendSteps(
                    writes.map {
                        JournalIntent($0, ledger: ledger, server: client.address, user: user)
                    }), ask)
        } catch .leftOver(let number) {
            throw TellerError(
                .outcomeUnknown,
                "UNKNOWN: nothing was sent, but 'teller resume' may do it: the journal "
                    + "\(journal.path) " + JournalFailure.leftOver(number).message,
                advice: "settle it with 'teller resume', and do not ask anew")
        } catch {
            throw TellerError(nothingSent: error, journal)
        }
    }

    private func send(
        _ start: SendSteps, _ ask: ([Int]) async -> [WriteOutcome<WriteReceipt>]?
    ) async throws(JournalFailure) -> SendSteps {
        var steps = start
        var step = steps.start
        var locks: AttemptLocks?
        defer { locks?.release() }
        while true {
            switch step {
            case .lock(let attempts):
                let taken = try await journal.lock(attempts)
                locks = taken
                step = try steps.locked(taken.held)
            case .note(let entries):
                var failure: JournalFailure?
                do throws(JournalFailure) { try await journal.append(entries) } catch {
                    failure = error
                }
                step = try steps.noted(failure)
            case .ask(let places): step = steps.answered(await ask(places), at: .now)
            case .end: return steps
            }
        }
    }

    /// Asks again for what is pending, as ``ResumeSteps`` decides.
    ///
    /// - Parameter report: told of each as it is known.
    /// - Throws: when an outcome cannot be written down.
    func resume(
        _ found: ResumeSteps, _ interruption: Interruption,
        report: (PendingWrites.Write, ResumeSteps.Outcome) throws(TellerError) -> Void
    ) async throws(TellerError) {
        var steps = found
        var step = next(&steps, interruption)
        while true {
            switch step {
            case .ask(let write): step = steps.answered(await ask(write, interruption), at: .now)
            case .note(let entries):
                do throws(JournalFailure) {
                    try await journal.append(entries)
                } catch {
                    throw entries.contains(where: \.isIntent)
                        ? TellerError(nothingSent: error, journal)
                        : TellerError(outcomeNotIn: journal, error)
                }
                step = steps.noted()
            case .report(let write, let outcome):
                try report(write, outcome)
                step = next(&steps, interruption)
            case .read, .lock, .settle, .end: return
            }
        }
    }

    private func next(
        _ steps: inout ResumeSteps, _ interruption: Interruption
    ) -> ResumeSteps.Step {
        steps.resume(
            at: ledger, as: user.map { ($0, .now()) }, isInterrupted: interruption.hasCome)
    }
}

extension TellerError {
    /// The same failure, of a write that was not done and that the journal still has as pending.
    ///
    /// - Parameter reason: why the journal did not take the outcome.
    fileprivate func leavingIntent(of write: BankWrite, _ reason: TellerError) -> TellerError {
        changed {
            $0.status = .outcomeUnknown
            $0.what =
                "UNKNOWN: nothing was done (\($0.what)), but \(write.name) is still in the journal, "
                + "and 'teller resume' would do it: \(reason.what)"
            $0.advice = "settle it with 'teller resume', and do not ask anew"
        }
    }
}
