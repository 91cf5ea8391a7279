import BalanceAPI
import BankAPI
import Chain
import GRPCCore
import Ledger

/// One GetBalances call for a batch of callers.
struct BalancesCall: BatchedCall {
    static let name = "GetBalances"
    static let isPutBack = true

    private let request: ClientRequest<Teller_Balance_V1_BalancesRequest>
    private let count: Int

    init(_ batch: [BalanceBatcher.Ticket]) {
        var message = Teller_Balance_V1_BalancesRequest()
        message.queries = batch.map { ticket in
            var query = Teller_Balance_V1_BalanceQuery()
            query.account = ticket.member.account.compact
            query.atLeastVersion = ticket.member.atLeastVersion
            if let at = ticket.member.at { query.atMicroseconds = at.microseconds }
            // Zero would mean 'no deadline of its own'.
            query.context.timeoutMicroseconds = UInt64(
                max(1, ticket.deadline.remaining.wholeMicroseconds))
            if let trace = ticket.member.trace { query.context.traceparent = trace.description }
            return query
        }
        let trace = batch.lazy.compactMap(\.member.trace).first
        // Each member brings its deadline. One for the call as well would cost a timer on another
        // thread of the service for every call.
        request = ClientRequest(message: message, metadata: .call(trace: trace))
        count = batch.count
    }

    func send(through connection: BalanceServiceConnection) async throws -> [BalanceReadOutcome] {
        let balances = Teller_Balance_V1_Balances.Client(wrapping: connection)
        let outcomes = try await balances.getBalances(request: request) { response in
            let timing = ServerTiming(trailing: response.trailingMetadata)
            return try response.message.outcomes.map {
                BalanceReadOutcome(outcome: $0, timing: timing)
            }
        }
        guard outcomes.count == count else {
            throw RPCError(
                code: .internalError, message: "\(outcomes.count) outcomes for \(count) queries")
        }
        return outcomes
    }

    /// A read that nobody waits for does no harm.
    static func claim(_ member: BalanceRead) -> Bool { true }

    static func isRepeatable(after error: any Error) -> Bool {
        HopError.isUnavailable(error) || Task.isCancelled
    }

    static func failure(_ error: any Error, mayRepeat: Bool) -> any Error {
        HopError.problem(error)
    }
}

extension Metadata {
    /// The trace of a sampled call.
    static func call(trace: TraceContext?) -> Metadata {
        var metadata = Metadata()
        if let trace { metadata.addString(trace.description, forKey: TraceContext.headerName) }
        return metadata
    }
}

extension ServerTiming {
    /// What the tiers behind say they spent, from a reply's trailing metadata.
    init?(trailing metadata: Metadata) {
        guard let text = metadata[stringValues: Self.headerName].first(where: { _ in true }) else {
            return nil
        }
        self.init(parsing: text)
    }
}
