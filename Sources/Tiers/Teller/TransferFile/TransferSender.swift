import BankAPI
import BankClient
import Chain
import Ledger

/// Sends a file's transfers in batches.
struct TransferSender: Sendable {
    let bank: JournaledBank
    /// Ends the wait for an answer, and leaves time to write down what is known.
    let interruption: Interruption

    /// Sends up to ``TransferBatch/limit`` lines, but for those that are wrong.
    ///
    /// - Parameter areLinked: whether all are done or none, else each on its own.
    /// - Returns: the outcome of each, in order, unless the journal did not take them, and nothing was
    ///   sent.
    func send(
        _ lines: FileSteps.Lines, areLinked: Bool
    ) async -> Result<[WriteOutcome<WriteReceipt>], TellerError> {
        do throws(TellerError) {
            let requests = lines.compactMap { try? $0.request.get() }
            return .success(try await send(requests, areLinked: areLinked))
        } catch {
            return .failure(error)
        }
    }

    private func send(
        _ requests: [TransferRequest], areLinked: Bool
    ) async throws(TellerError) -> [WriteOutcome<WriteReceipt>] {
        var members: [WriteOutcome<WriteReceipt>] = []
        var backoff = Backoff()
        let writes = areLinked ? [.linked(requests)] : requests.map(BankWrite.transfer)
        let steps = try await bank.send(writes) { places in
            if !members.isEmpty {
                try? await Task.sleep(for: backoff.next())
                if interruption.hasCome { return nil }
            }
            let asked = areLinked ? requests : places.map { requests[$0] }
            let results = await interruption.cancelling { [bank] in
                await bank.client.restarted()
                    .submit(asked, areLinked: areLinked, ledger: bank.ledger)
            }
            members = results.map { $0.map(WriteReceipt.transfer).mapFailure(TellerError.init) }
            guard areLinked else { return members }
            let whole = WriteResult.together(results).map(WriteReceipt.linked)
            return [whole.mapFailure(TellerError.init)]
        }
        StandardStreams.complain(
            steps.unnoted.map { TellerError(outcomeNotIn: bank.journal, $0).line } ?? nil)
        return (areLinked ? members : steps.outcomes).map { outcome in
            steps.stillPending(outcome).map { .unknown($0.stillPending) } ?? outcome
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
