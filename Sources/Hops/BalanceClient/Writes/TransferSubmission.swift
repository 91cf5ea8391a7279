public import BalanceAPI
public import Chain
import Logging
import NIOCore

/// What came of a caller's transfers.
public struct SubmittedTransfers: Sendable {
    /// For each group, in order: the outcomes of its transfers, or an error. Only after
    /// `outcomeUnknown` may it be done.
    public var groups: [Result<[Teller_Balance_V1_TransferOutcome], BalanceClientError>]
    /// What the tiers behind this one spent, when the caller's trace is sampled.
    public var timing: ServerTiming?
}

/// A caller's transfers, from attempt to attempt. On the batcher's event loop.
final class TransferSubmission {
    private typealias Progress = WriteProgress<[Teller_Balance_V1_TransferOutcome]>

    private let groups: [Teller_Balance_V1_TransferGroup]
    private let context: CallContext
    private let writes: TransferBatcher
    private let logger: Logger
    private let completion: (SubmittedTransfers) -> Void
    private var progress: [Progress]
    private var attempts: WriteAttempts
    private var timing: ServerTiming?

    init(
        _ groups: [Teller_Balance_V1_TransferGroup], context: CallContext,
        writes: TransferBatcher, lockWait: Duration, logger: Logger,
        completion: @escaping (SubmittedTransfers) -> Void
    ) {
        self.groups = groups
        self.context = context
        self.writes = writes
        self.logger = logger
        self.completion = completion
        progress = groups.map { _ in Progress() }
        attempts = WriteAttempts(until: context.deadline, lockWait: lockWait)
    }

    /// Tries what has no result yet.
    func attempt() {
        let pending = groups.indices.filter { progress[$0].result == nil }
        let write = TransferWrite(groups: pending.map { groups[$0] }, context: context)
        writes.submit(write, weight: write.weight, deadline: context.deadline) {
            self.hear($0, of: write, for: pending)
        }
    }

    private func hear(
        _ result: Result<TransferWriteOutcome, any Error>, of write: TransferWrite,
        for pending: [Int]
    ) {
        switch result {
        case .success(let outcome):
            timing = outcome.timing
            for (index, group) in zip(pending, outcome.groups) {
                switch checked(group, for: groups[index]) {
                case .success(let outcomes): progress[index].finish(outcomes)
                case .failure(let failure): progress[index].fail(failure, in: attempts)
                }
            }
        case .failure(let error):
            let failure =
                error as? WriteFailure
                ?? WriteFailure(ofWait: error, wasSent: !write.abandon())
            fail(failure, pending)
        }
        finishOrPause()
    }

    private func fail(_ failure: WriteFailure, _ indices: some Sequence<Int>) {
        for index in indices where progress[index].result == nil {
            progress[index].fail(failure, in: attempts)
        }
    }

    private func finishOrPause() {
        giveUpAfterFirst()
        let results = progress.compactMap(\.result)
        guard results.count < groups.count else {
            return completion(SubmittedTransfers(groups: results, timing: timing))
        }
        let time = TimeAmount.microseconds(attempts.nextPause().wholeMicroseconds)
        writes.eventLoop.assumeIsolated().scheduleTask(in: time) { self.attempt() }
    }

    /// A later group may build on an earlier one: once that one is given up, no later one is asked for.
    private func giveUpAfterFirst() {
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
}
