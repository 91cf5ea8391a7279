public import BalanceAPI
public import Chain
import Logging
public import SwiftProtobuf

extension BalanceServices {
    /// What came of a caller's transfers.
    public struct Submitted: Sendable {
        /// For each group, in order: the outcomes of its transfers, or an error. Only after
        /// `outcomeUnknown` may it be done.
        public var groups: [Result<[Teller_Balance_V1_TransferOutcome], BalanceClientError>]
        public var timing: ServerTiming?
    }

    /// Submits transfers, in a batch with what others ask at the same time; with the same ids again
    /// when an answer is lost.
    ///
    /// - Parameter groups: Each all or nothing, in the order to be done.
    public func submit(
        _ groups: [Teller_Balance_V1_TransferGroup], context: CallContext
    ) async -> Submitted {
        var progress = groups.map { _ in WriteProgress<[Teller_Balance_V1_TransferOutcome]>() }
        var attempts = WriteAttempts(until: context.deadline, lockWait: lockWait)
        var timing: ServerTiming?
        while true {
            let pending = groups.indices.filter { progress[$0].result == nil }
            let write = TransferWrite(
                groups: pending.map { groups[$0] }, context: context)
            do {
                let outcome = try await writes.submit(
                    write, weight: write.weight, deadline: context.deadline)
                timing = outcome.timing
                for (index, group) in zip(pending, outcome.groups) {
                    switch checked(group, for: groups[index]) {
                    case .success(let outcomes): progress[index].finish(outcomes)
                    case .failure(let failure): progress[index].fail(failure, in: attempts)
                    }
                }
            } catch {
                let failure =
                    error as? WriteFailure
                    ?? WriteFailure(ofWait: error, wasSent: !write.abandon())
                for index in pending { progress[index].fail(failure, in: attempts) }
            }
            giveUpAfterFirst(in: &progress)
            let results = progress.compactMap(\.result)
            guard results.count < groups.count else {
                return Submitted(groups: results, timing: timing)
            }
            await attempts.pause()
        }
    }

    /// A later group may build on an earlier one: once that one is given up, no later one is asked for.
    private func giveUpAfterFirst<Value>(in progress: inout [WriteProgress<Value>]) {
        guard let first = progress.firstIndex(where: { $0.error != nil }),
            let error = progress[first].error
        else { return }
        for index in progress.indices[first...] where progress[index].result == nil {
            progress[index].giveUp(because: error)
        }
    }

    private func checked(
        _ outcome: Teller_Balance_V1_GroupOutcome, for group: Teller_Balance_V1_TransferGroup
    ) -> Result<[Teller_Balance_V1_TransferOutcome], WriteFailure> {
        if let failure = WriteFailure(outcome.failure) { return .failure(failure) }
        guard outcome.outcomes.count == group.transfers.count else {
            logger.error(
                "the balance service broke its contract",
                metadata: ["error": "\(outcome.outcomes.count) outcomes in a group"])
            return .failure(.contractBroken)
        }
        return .success(outcome.outcomes)
    }

    /// Makes a call that writes and has an id; again when an answer is lost.
    ///
    /// - Parameter failure: What an answer says of a write that has no outcome.
    /// - Throws: Only after `outcomeUnknown` may it be done.
    public func write<Request, Reply>(
        _ call: UnaryCall<Request, Reply>, failure: (Reply) -> WriteFailure?
    ) async throws(BalanceClientError) -> UnaryCall<Request, Reply>.Answer {
        var call = call
        // Nobody's leaving ends a write.
        call.departure = nil
        var progress = WriteProgress<UnaryCall<Request, Reply>.Answer>()
        var attempts = WriteAttempts(until: call.context.deadline, lockWait: lockWait)
        while true {
            do throws(WriteFailure) {
                let answer = try await attempt(call)
                if let failure = failure(answer.message) { throw failure }
                progress.finish(answer)
            } catch {
                progress.fail(error, in: attempts)
            }
            if let result = progress.result { return try result.get() }
            await attempts.pause()
        }
    }

    private func attempt<Request, Reply>(
        _ call: UnaryCall<Request, Reply>
    ) async throws(WriteFailure) -> UnaryCall<Request, Reply>.Answer {
        let ready: BalanceServiceDirectory.Ready
        do {
            ready = try directory.next()
        } catch {
            throw WriteFailure(ofWait: error, wasSent: false)
        }
        guard !call.context.deadline.hasPassed else {
            throw WriteFailure(ofWait: BatcherError.deadlineExceeded, wasSent: false)
        }
        do {
            let answer = try await ready.calls.send(call)
            budget.recordSuccess()
            return answer
        } catch {
            log(error, of: call.method, at: ready.address)
            let mayRepeat = TransfersCall.isRepeatable(after: error) && budget.recordFailure()
            throw WriteFailure(ofCall: error, mayRepeat: mayRepeat)
        }
    }
}
