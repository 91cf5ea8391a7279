import BalanceAPI
import Chain
import GRPCCore

/// The batches of StreamTransfers.
enum TransfersCall: BatchedCall {
    static let method = Teller_Balance_V1_Ledger.Method.StreamTransfers.descriptor
    /// A caller decides by all that came of its attempts, not the worker by the last of them.
    static let isPutBack = false
    /// How much sooner a caller's time is over for the service, at most: its answer, that nothing
    /// was done, then arrives while somebody waits for it.
    static let reserve = Duration.milliseconds(50)

    static func message(
        _ number: UInt64, _ batch: [TransferBatcher.Ticket]
    ) -> Teller_Balance_V1_TransfersBatch {
        var message = Teller_Balance_V1_TransfersBatch()
        message.number = number
        var callers = BatchCallers()
        for ticket in batch {
            let context = ticket.member.context
            let reserve = min(context.deadline.remaining / 10, Self.reserve)
            for (place, group) in ticket.member.groups.enumerated() {
                var group = group
                group.follows = place > 0
                group.context = .init(context, &callers, reserve: reserve)
                message.request.groups.append(group)
            }
        }
        message.request.callers = callers.callers
        return message
    }

    static func read(_ answer: Teller_Balance_V1_TransfersBatchAnswer) -> BatchAnswer {
        BatchAnswer(answer)
    }

    static func outcomes(
        _ answer: Teller_Balance_V1_TransfersBatchAnswer, _ timing: ServerTiming?,
        for batch: [TransferBatcher.Ticket]
    ) -> [TransferWriteOutcome]? {
        var rest = answer.response.groups[...]
        guard rest.count == batch.reduce(0, { $0 + $1.member.groups.count }) else { return nil }
        return batch.map { ticket in
            defer { rest = rest.dropFirst(ticket.member.groups.count) }
            return TransferWriteOutcome(
                groups: Array(rest.prefix(ticket.member.groups.count)), timing: timing)
        }
    }

    static func claim(_ member: TransferWrite) -> Bool { member.claim() }

    static func isRepeatable(after error: any Error) -> Bool {
        HopError.isUnavailable(error) || !HopError.saysNothingWasDone(error)
    }

    static func failure(_ error: any Error, mayRepeat: Bool) -> any Error {
        WriteFailure(ofCall: error, mayRepeat: mayRepeat)
    }
}
