import BankAPI
import BankClient
import Chain
import Ledger

/// Sends transfers in batches, each in the journal before it is sent.
struct TransferSender: Sendable {
    /// How often the members of a batch are sent that the bank could not do at once.
    static let mostRounds = 3

    let bank: JournaledBank
    /// Ends the wait for an answer, and leaves time to write down what is known.
    let interruption: Interruption

    /// Sends up to ``TransferBatch/limit`` transfers, each on its own.
    ///
    /// - Returns: the outcome of each, in order.
    /// - Throws: when the journal did not take them, and nothing was sent.
    func send(
        _ requests: [TransferRequest]
    ) async throws(TellerError) -> [WriteOutcome<Transfer>] {
        let intents = requests.map(intent(for:))
        return try await bank.journal.whileUnderWay(intents) {
            let results = await rounds(requests)
            let outcomes = zip(results, intents).flatMap { result, intent in
                JournalOutcome.all(result.map(WriteReceipt.transfer), of: [intent.attempt])
            }
            return await write(results, outcomes)
        }
    }

    /// Sends a group of which all are done, or none.
    func sendLinked(
        _ requests: [TransferRequest]
    ) async throws(TellerError) -> [WriteOutcome<Transfer>] {
        let intent = JournalIntent(
            .linked(requests), ledger: bank.ledger, server: bank.client.address)
        return try await bank.journal.whileUnderWay([intent]) {
            let results = await ask(requests, areLinked: true)
            let whole = WriteResult.together(results).map(WriteReceipt.linked)
            return await write(results, JournalOutcome.all(whole, of: [intent.attempt]))
        }
    }

    private func intent(for request: TransferRequest) -> JournalIntent {
        JournalIntent(.transfer(request), ledger: bank.ledger, server: bank.client.address)
    }

    private func rounds(_ requests: [TransferRequest]) async -> [Written<Transfer>] {
        var results = await ask(requests, areLinked: false)
        var backoff = Backoff()
        for _ in 1..<Self.mostRounds {
            let open = results.indices.filter { !results[$0].isFinal }
            // Where none was answered, the client has asked as often as it may.
            guard !open.isEmpty, open.count < requests.count,
                (try? await Task.sleep(for: backoff.next())) != nil,
                !interruption.hasCome
            else { break }
            let again = await ask(open.map { requests[$0] }, areLinked: false)
            for (index, result) in zip(open, again) {
                results[index] = results[index].followed(by: result)
            }
        }
        return results
    }

    private func ask(
        _ requests: [TransferRequest], areLinked: Bool
    ) async -> [Written<Transfer>] {
        await interruption.cancelling { [bank] in
            await bank.client.restarted()
                .submit(requests, areLinked: areLinked, ledger: bank.ledger)
        }
    }

    /// The outcome is known, also when the journal does not take it; but what was not done
    /// would then be done by a later `teller resume`.
    private func write(
        _ results: [Written<Transfer>], _ outcomes: [JournalOutcome]
    ) async -> [WriteOutcome<Transfer>] {
        let results = results.map { $0.mapFailure(TellerError.init) }
        do throws(TellerError) {
            try await bank.journal.append(outcomes)
            return results
        } catch {
            StandardStreams.complain(error.line)
            return results.map { $0.resumableFailure.map { .unknown($0.stillPending) } ?? $0 }
        }
    }
}

extension TellerError {
    /// The same failure, of a transfer that was not done and that the journal has as pending.
    fileprivate var stillPending: TellerError {
        var error = self
        error.what = "nothing was done (\(what)), but 'teller resume' would do it"
        return error
    }
}

extension WriteResult {
    /// What is known after another try: one that did nothing does not settle one that was lost.
    fileprivate func followed(by next: Self) -> Self {
        if case .unknown = self, case .nothingDone = next { self } else { next }
    }
}
