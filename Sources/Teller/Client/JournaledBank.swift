import BankAPI
import Ledger

/// A bank that is asked for writes: each is in the journal before it is sent, and what came of it
/// after.
struct JournaledBank: Sendable {
    let client: BankClient
    let journal: Journal
    let ledger: Identifier

    /// Asks for a write. Ctrl-C ends the wait for its answer.
    ///
    /// - Throws: why it was not done; ``ExitStatus/outcomeUnknown`` when it may have been.
    func perform(_ write: BankWrite) async throws(TellerError) -> WriteReceipt {
        let intent = JournalIntent(write, ledger: ledger, server: client.address)
        let interruption = await Interruption.trapping()
        try await journal.append([intent])
        let result = await interruption.cancelling {
            // Waiting for the journal took none of the time that the bank has.
            await client.restarted().submit(write, ledger: ledger)
        }
        do throws(TellerError) {
            try await journal.append(JournalOutcome.all(result, of: [intent.attempt]))
        } catch {
            if let why = result.resumableFailure { throw why.leavingIntent(of: write, error) }
            // What came of it is known nevertheless.
            StandardStreams.complain(error.line)
        }
        switch result {
        case .done(let receipt): return receipt
        case .refused(_, let error), .nothingDone(_, let error): throw error
        case .unknown(let error): throw error.leavingUnknown(write)
        }
    }
}

extension JournalOutcome {
    /// What a result says of tries; nothing when it is not known.
    static func all<Value>(
        _ result: WriteResult<Value>, of attempts: [Identifier]
    ) -> [JournalOutcome] {
        switch result {
        case .done: attempts.map { JournalOutcome(.done, of: $0) }
        case .refused(let code, _):
            attempts.map { JournalOutcome(.refused, of: $0, code: code.rawValue) }
        case .nothingDone(let code, _):
            attempts.map { JournalOutcome(.nothingDone, of: $0, code: code?.rawValue) }
        case .unknown: []
        }
    }
}

extension TellerError {
    /// The same failure, of a write that was not done and that the journal still has as pending.
    ///
    /// - Parameter reason: why the journal did not take the outcome.
    func leavingIntent(of write: BankWrite, _ reason: TellerError) -> TellerError {
        var error = self
        error.status = .outcomeUnknown
        error.what =
            "UNKNOWN: nothing was done (\(what)), but \(write.name) is still in the journal, and "
            + "'teller resume' would do it: \(reason.what)"
        error.advice = "settle it with 'teller resume', and do not ask anew"
        return error
    }

    /// The same failure, as the reason why nobody knows what came of a write.
    func leavingUnknown(_ write: BankWrite) -> TellerError {
        var error = self
        error.status = .outcomeUnknown
        error.what = "UNKNOWN: \(write.name) may or may not have been done: \(what)"
        error.advice = "'teller resume' settles it"
        return error
    }
}
