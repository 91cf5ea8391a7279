import BalanceAPI
import Chain
import GRPCCore
import Ledger

/// The batches of StreamBalances.
enum BalancesCall: BatchedCall {
    static let method = Teller_Balance_V1_Balances.Method.StreamBalances.descriptor
    static let isPutBack = true

    static func message(
        _ number: UInt64, _ batch: [BalanceBatcher.Ticket]
    ) -> Teller_Balance_V1_BalancesBatch {
        var message = Teller_Balance_V1_BalancesBatch()
        message.number = number
        var callers = BatchCallers()
        message.request.queries = batch.map { ticket in
            var query = Teller_Balance_V1_BalanceQuery()
            query.account = ticket.member.account.compact
            query.atLeastVersion = ticket.member.atLeastVersion
            if let at = ticket.member.at { query.atMicroseconds = at.microseconds }
            query.context = .init(ticket.member.context, &callers)
            return query
        }
        message.request.callers = callers.callers
        return message
    }

    static func read(_ answer: Teller_Balance_V1_BalancesBatchAnswer) -> BatchAnswer {
        BatchAnswer(answer)
    }

    static func outcomes(
        _ answer: Teller_Balance_V1_BalancesBatchAnswer, _ timing: ServerTiming?,
        for batch: [BalanceBatcher.Ticket]
    ) -> [BalanceReadOutcome]? {
        let outcomes = answer.response.outcomes
        guard outcomes.count == batch.count else { return nil }
        return outcomes.map { BalanceReadOutcome(outcome: $0, timing: timing) }
    }

    /// A read that nobody waits for does no harm.
    static func claim(_ member: BalanceRead) -> Bool { true }

    static func isRepeatable(after error: any Error) -> Bool { HopError.isUnavailable(error) }

    static func failure(_ error: any Error, mayRepeat: Bool) -> any Error {
        BalanceClientError(error)
    }
}
