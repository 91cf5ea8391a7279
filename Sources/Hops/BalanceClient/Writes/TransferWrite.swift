import BalanceAPI
import Chain
import Synchronization

/// One attempt at a caller's transfers, as it waits for a batch: sent, or surely never sent.
final class TransferWrite: Sendable {
    private enum State: UInt8, AtomicRepresentable {
        case waiting, sent, abandoned
    }

    let groups: [Teller_Balance_V1_TransferGroup]
    let context: CallContext
    private let state = Atomic(State.waiting)

    init(groups: [Teller_Balance_V1_TransferGroup], context: CallContext) {
        self.groups = groups
        self.context = context
    }

    /// How many transfers they are.
    var weight: Int { groups.reduce(0) { $0 + $1.transfers.count } }

    /// - Returns: false when its caller has left, and counts on it that nothing is sent.
    func claim() -> Bool { leaveWaiting(for: .sent) }

    /// - Returns: Whether it was not sent and will not be.
    func abandon() -> Bool { leaveWaiting(for: .abandoned) }

    private func leaveWaiting(for next: State) -> Bool {
        state.compareExchange(
            expected: .waiting, desired: next, ordering: .acquiringAndReleasing
        ).exchanged
    }
}

/// What a balance service said to one write of a batch: an outcome for each group, in order.
struct TransferWriteOutcome: Sendable {
    var groups: [Teller_Balance_V1_GroupOutcome]
    /// What the tiers behind this one spent, when the caller's trace is sampled.
    var timing: ServerTiming?
}

/// Collects the writes of concurrent callers into calls of hop 2.
typealias TransferBatcher = Batcher<TransferWrite, TransferWriteOutcome>
