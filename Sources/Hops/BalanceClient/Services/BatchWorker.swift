import Chain
import GRPCCore
import Logging

/// Sends batches through a session's connection, one at a time.
struct BatchWorker<Call: BatchedCall>: Sendable {
    typealias Ticket = Batcher<Call.Member, Call.Outcome>.Ticket

    let session: BalanceServiceSession
    let batcher: Batcher<Call.Member, Call.Outcome>
    /// Which of the session's workers this is.
    let number: Int

    private var endpoint: BalanceServiceEndpoint { session.endpoint }

    /// - Returns: Why the session must end, or `nil` when it was ended.
    func run() async -> BalanceServiceSession.End? {
        while let batch = try? await batcher.nextBatch() {
            guard let deadline = batch.map(\.deadline).max(),
                session.calls.begin(number, deadline: deadline)
            else {
                putBack(batch, attempts: nil, after: .notConnected)
                return nil
            }
            let end = await send(batch.filter { Call.claim($0.member) })
            session.calls.end(number)
            if let end { return end }
        }
        return nil
    }

    private func send(_ batch: [Ticket]) async -> BalanceServiceSession.End? {
        guard !batch.isEmpty else { return nil }
        do {
            let outcomes = try await Call(batch).send(through: session.connection)
            endpoint.budget.recordSuccess()
            batcher.finish(batch, with: outcomes)
            return nil
        } catch {
            let end = end(after: error)
            // First the directory: when nobody else is ready, the batch fails with the cause.
            if let end { endpoint.directory.markUnavailable(endpoint.index, end.condition) }
            let mayRepeat = Call.isRepeatable(after: error) && endpoint.budget.recordFailure()
            if mayRepeat, Call.isPutBack {
                let condition = end?.condition ?? .notConnected
                putBack(batch, attempts: RetryBudget.attempts, after: condition)
            } else {
                batcher.finish(
                    batch, with: .failure(Call.failure(error, mayRepeat: mayRepeat)))
            }
            return end
        }
    }

    /// - Returns: `nil` when the connection is as good as before.
    private func end(after error: any Error) -> BalanceServiceSession.End? {
        guard HopError.isUnavailable(error) || Task.isCancelled else {
            if BalanceClientError(error) == .failed {
                endpoint.logger.error(
                    "\(Call.name) failed",
                    metadata: ["address": "\(endpoint.address)", "error": "\(error)"])
            }
            return nil
        }
        return BalanceServiceSession.End(
            condition: BalanceServiceCondition(after: error), reason: "\(Call.name): \(error)")
    }

    private func putBack(
        _ batch: [Ticket], attempts: Int?, after condition: BalanceServiceCondition
    ) {
        batcher.putBack(
            batch, attempts: attempts, failingWith: BalanceClientError.unavailable(condition))
    }
}
