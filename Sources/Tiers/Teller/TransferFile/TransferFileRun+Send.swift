import BankAPI
import BankClient
import Chain
import Ledger

extension TransferFileRun {
    /// Sends up to ``TransferBatch/limit`` lines, but for those that are wrong.
    ///
    /// - Parameter areLinked: whether all are done or none, else each on its own.
    /// - Returns: the outcome of each, in order, unless the journal did not take them, and nothing was
    ///   sent.
    func send(
        _ lines: FileSteps.Lines, areLinked: Bool
    ) async -> Result<[WriteOutcome<WriteReceipt>], TellerError> {
        do throws(TellerError) {
            return .success(try await send(lines.compactMap(\.value), areLinked: areLinked))
        } catch {
            return .failure(error)
        }
    }

    private func send(
        _ requests: [TransferRequest], areLinked: Bool
    ) async throws(TellerError) -> [WriteOutcome<WriteReceipt>] {
        var members: [WriteOutcome<WriteReceipt>] = []
        var backoff = Backoff()
        var wait = Duration.zero
        let writes = areLinked ? [.linked(requests)] : requests.map(BankWrite.transfer)
        let steps = try await bank.send(writes) { places in
            if !members.isEmpty {
                let delay = max(backoff.next(), wait)
                guard delay < bank.client.timeout else { return nil }
                await interruption.cancelling { try? await Task.sleep(for: delay) }
                if interruption.hasCome { return nil }
            }
            let asked = areLinked ? requests : places.map { requests[$0] }
            let results = await interruption.cancelling { [bank] in
                await bank.client.restarted()
                    .submit(asked, areLinked: areLinked, ledger: bank.ledger)
            }
            wait = results.compactMap(\.retryAfter).max() ?? .zero
            members = results.map { $0.map(WriteReceipt.transfer).mapFailure(TellerError.init) }
            guard areLinked else { return members }
            let whole = WriteResult.together(results).map(WriteReceipt.linked)
            return [whole.mapFailure(TellerError.init)]
        }
        StandardStreams.complain(
            steps.unnoted.map { TellerError(outcomeNotIn: bank.journal, $0).line } ?? nil)
        return (areLinked ? members : steps.outcomes).map { outcome in
            guard let why = steps.stillPending(outcome) else { return outcome }
            return .unknown(
                why.changed {
                    $0.what = "nothing was done (\($0.what)), but 'teller resume' would do it"
                })
        }
    }
}

extension WriteResult where Failure == BankClientError {
    /// How long the bank asks to wait before it is asked again.
    fileprivate var retryAfter: Duration? {
        if case .nothingDone(_, let error) = self { error.retryAfter } else { nil }
    }
}
