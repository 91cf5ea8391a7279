public import BalanceAPI
public import Chain
import NIOCore

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
    ) -> PendingCall {
        let id = reads.submit(read, deadline: read.context.deadline) { result in
            completion(result.mapError { BalanceClientError($0) })
        }
        return .read(reads, id)
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
    /// - Returns: To leave before the answer; what was sent is then unknown.
    @discardableResult
    public func submit(
        _ groups: [Teller_Balance_V1_TransferGroup], context: CallContext,
        completion: @escaping (SubmittedTransfers) -> Void
    ) -> PendingCall {
        let submission = TransferSubmission(
            groups, context: context, writes: writes, lockWait: lockWait, logger: logger,
            completion: completion)
        submission.attempt()
        return .write(submission)
    }

    /// Submits transfers, wherever that is asked.
    ///
    /// - Parameter groups: Each all or nothing, in the order to be done.
    public func submit(
        _ groups: [Teller_Balance_V1_TransferGroup], context: CallContext
    ) async -> SubmittedTransfers {
        let caller = NIOLoopBoundBox.makeBoxSendingValue(WaitingCaller(), eventLoop: eventLoop)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                onLoop {
                    let submission = TransferSubmission(
                        groups, context: context, writes: writes, lockWait: lockWait,
                        logger: logger
                    ) { continuation.resume(returning: $0) }
                    caller.value.submission = submission
                    if caller.value.hasLeft { submission.cancel() } else { submission.attempt() }
                }
            }
        } onCancel: {
            onLoop {
                caller.value.hasLeft = true
                caller.value.submission?.cancel()
            }
        }
    }

    private func onLoop(_ body: @escaping @Sendable () -> Void) {
        if eventLoop.inEventLoop { body() } else { eventLoop.execute(body) }
    }
}

/// Who awaits a submission, as its event loop knows it.
private struct WaitingCaller {
    var submission: TransferSubmission?
    var hasLeft = false
}

/// What was asked and has no answer yet. On its event loop.
public struct PendingCall {
    private enum Kind {
        case read(BalanceBatcher, BatcherID)
        case write(TransferSubmission)
    }

    private let kind: Kind

    static func read(_ batcher: BalanceBatcher, _ id: BatcherID) -> PendingCall {
        PendingCall(kind: .read(batcher, id))
    }

    static func write(_ submission: TransferSubmission) -> PendingCall {
        PendingCall(kind: .write(submission))
    }

    /// Ends the wait, with an answer at once.
    public func cancel() {
        switch kind {
        case .read(let batcher, let id): batcher.cancel(id)
        case .write(let submission): submission.cancel()
        }
    }
}
