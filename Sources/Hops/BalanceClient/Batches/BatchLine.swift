import BalanceAPI
import Chain
import GRPCCore
import Logging

/// One stream's batches, one at a time, on the batcher's event loop.
///
/// What a batch on its way has for an answer is in the stream's messages. A status ends the stream, and
/// what became of a batch on its way is then unknown.
final class BatchLine<Call: BatchedCall> {
    typealias Ticket = Call.Ticket
    typealias End = BalanceServiceEnd

    /// What a line belongs to.
    struct Owner {
        let batcher: Batcher<Call.Member, Call.Outcome>
        /// Which of the session's workers this is.
        let number: Int
        let calls: CallsInFlight
        let budget: RetryBudget
        /// Called before the batch fails: when nobody else is ready, it fails with the cause.
        let onLoss: (BalanceServiceCondition) -> Void
        let logger: Logger
    }

    private let owner: Owner
    private let outbox: AsyncStream<Call.Message>.Continuation
    private let id: BatcherID
    private var lastNumber: UInt64 = 0
    /// The batch on its way.
    private var batch: [Ticket]?
    /// Whether the service takes no more.
    private var isClosing = false
    /// Why the session must end.
    private var loss: End?

    /// - Parameter outbox: Takes the messages to send; its end is the end of what is asked.
    init(_ owner: Owner, outbox: AsyncStream<Call.Message>.Continuation) {
        self.owner = owner
        self.outbox = outbox
        id = owner.batcher.workerID()
    }

    /// Sends the next batch, now or when there is one.
    func takeNext() {
        owner.batcher.work(as: id) { batch in
            guard let batch, !self.isClosing else {
                if let batch { self.putBack(batch, attempts: nil, after: .notConnected) }
                self.outbox.finish()
                return
            }
            self.send(batch)
        }
    }

    private func send(_ batch: [Ticket]) {
        guard let deadline = batch.lazy.map(\.deadline).max(),
            owner.calls.begin(owner.number, deadline: deadline)
        else {
            putBack(batch, attempts: nil, after: .notConnected)
            outbox.finish()
            return
        }
        let batch = batch.filter { Call.claim($0.member) }
        guard !batch.isEmpty else {
            owner.calls.end(owner.number)
            return takeNext()
        }
        self.batch = batch
        lastNumber += 1
        outbox.yield(Call.message(lastNumber, batch))
    }

    /// - Throws: ``BalanceServiceEnd`` when the session must end, and what breaks the contract.
    func receive(_ answer: Call.Answer) throws {
        switch Call.read(answer) {
        case .closing:
            isClosing = true
            // With nothing on its way nothing more will be asked.
            owner.batcher.withdraw(id)
        case .answered(let number, let timing):
            let batch = try endBatch(number)
            let timing = timing.isEmpty ? nil : ServerTiming(parsing: timing)
            if let outcomes = Call.outcomes(answer, timing, for: batch) {
                owner.budget.recordSuccess()
                owner.batcher.finish(batch, with: outcomes)
            } else {
                try fail(batch, RPCError(code: .internalError, message: "not an outcome for each"))
            }
            goOn()
        case .failed(let number, let error):
            try fail(try endBatch(number), RPCError(error))
            goOn()
        case .invalid: throw RPCError(code: .internalError, message: "an empty answer")
        }
    }

    private func goOn() {
        if isClosing { outbox.finish() } else { takeNext() }
    }

    private func endBatch(_ number: UInt64) throws -> [Ticket] {
        guard let batch, number == lastNumber else {
            throw RPCError(code: .internalError, message: "an answer to no batch")
        }
        self.batch = nil
        owner.calls.end(owner.number)
        return batch
    }

    /// The stream has ended.
    ///
    /// - Parameter error: nil: by the service, with OK.
    /// - Returns: Why the session must end, or `nil` when it was ended.
    func end(_ error: (any Error)?) -> End? {
        let isAsked = !owner.calls.isRetired && !Task.isCancelled
        isClosing = true
        owner.batcher.withdraw(id)
        outbox.finish()
        if let batch {
            self.batch = nil
            owner.calls.end(owner.number)
            do {
                try fail(batch, HopError.ofStream(error))
            } catch {
                return error
            }
        }
        if let loss { return loss }
        guard isAsked else { return nil }
        return End(
            condition: error.map { BalanceServiceCondition(after: $0) } ?? .notConnected,
            reason: "\(Call.method.method) ended: \(error.map { "\($0)" } ?? "it takes no more")")
    }

    /// - Throws: When the connection is not as good as before.
    private func fail(_ batch: [Ticket], _ error: any Error) throws(End) {
        let condition = BalanceServiceCondition(after: error)
        let isLost = HopError.isUnavailable(error)
        if isLost {
            owner.onLoss(condition)
        } else if BalanceClientError(error) == .failed {
            owner.logger.error(
                "a batch failed",
                metadata: ["method": "\(Call.method.method)", "error": "\(error)"])
        }
        let mayRepeat = Call.isRepeatable(after: error) && owner.budget.recordFailure()
        if mayRepeat, Call.isPutBack {
            putBack(batch, attempts: RetryBudget.attempts, after: condition)
        } else {
            owner.batcher.finish(
                batch, with: .failure(Call.failure(error, mayRepeat: mayRepeat)))
        }
        guard isLost else { return }
        let loss = End(condition: condition, reason: "\(Call.method.method): \(error)")
        self.loss = loss
        throw loss
    }

    private func putBack(
        _ batch: [Ticket], attempts: Int?, after condition: BalanceServiceCondition
    ) {
        owner.batcher.putBack(
            batch, attempts: attempts, failingWith: BalanceClientError.unavailable(condition))
    }
}
