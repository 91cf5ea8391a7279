import BalanceAPI
import Chain
import GRPCCore
import GRPCProtobuf
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
            query.context = .init(ticket.member.context)
            return query
        }
        // Each member brings its deadline. One for the call as well would cost a timer on another
        // thread of the service for every call.
        request = ClientRequest(
            message: message, metadata: .call(traces: batch.lazy.map(\.member.context.trace)))
        count = batch.count
    }

    func send(
        through connection: any BalanceServiceConnection
    ) async throws -> [BalanceReadOutcome] {
        let outcomes = try await connection.unary(
            request: request,
            descriptor: Teller_Balance_V1_Balances.Method.GetBalances.descriptor,
            serializer: ProtobufSerializer<Teller_Balance_V1_BalancesRequest>(),
            deserializer: ProtobufDeserializer<Teller_Balance_V1_BalancesResponse>(),
            options: .defaults
        ) { response in
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
        BalanceClientError(error)
    }
}

extension Metadata {
    /// The first trace of a batch is the call's: without one a service tells no timings.
    static func call(traces: some Sequence<TraceContext?>) -> Metadata {
        var metadata = Metadata()
        if let trace = traces.lazy.compactMap({ $0 }).first(where: { _ in true }) {
            metadata.addString(trace.description, forKey: TraceContext.headerName)
        }
        return metadata
    }
}
