public import BalanceAPI
public import Chain

/// What is asked in batches: with what others ask at the same time, and again when an answer is lost.
extension BalanceServices {
    /// Reads one account with its balance. Called on the event loop.
    ///
    /// - Parameter completion: Called there once; before this returns when the read is refused.
    /// - Returns: To leave before the answer.
    @discardableResult
    public func account(
        _ read: BalanceRead,
        completion: @escaping (Result<BalanceReadOutcome, BalanceClientError>) -> Void
    ) -> PendingRead {
        let id = reads.submit(read, deadline: read.context.deadline) { result in
            completion(result.mapError { BalanceClientError($0) })
        }
        return PendingRead(batcher: reads, id: id)
    }

    /// Reads one account with its balance, wherever that is asked.
    public func account(
        _ read: BalanceRead
    ) async throws(BalanceClientError) -> BalanceReadOutcome {
        do {
            return try await reads.submit(read, deadline: read.context.deadline)
        } catch {
            throw BalanceClientError(error)
        }
    }

    /// Submits transfers; with the same ids again when an answer is lost. Called on the event loop.
    ///
    /// - Parameters:
    ///   - groups: Each all or nothing, in the order to be done.
    ///   - completion: Called there once; before this returns when they are refused.
    public func submit(
        _ groups: [Teller_Balance_V1_TransferGroup], context: CallContext,
        completion: @escaping (SubmittedTransfers) -> Void
    ) {
        let submission = TransferSubmission(
            groups, context: context, writes: writes, lockWait: lockWait, logger: logger,
            completion: completion)
        submission.attempt()
    }
}

/// A read that has no answer yet. On its event loop.
public struct PendingRead {
    let batcher: BalanceBatcher
    let id: BatcherID

    /// Ends the wait, with an answer at once.
    public func cancel() { batcher.cancel(id) }
}
