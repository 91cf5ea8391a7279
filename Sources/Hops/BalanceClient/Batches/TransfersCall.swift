import BalanceAPI
import Chain
import GRPCCore
import GRPCProtobuf

/// One SubmitTransfers call for a batch of callers.
struct TransfersCall: BatchedCall {
    static let name = "SubmitTransfers"
    /// A caller decides by all that came of its attempts, not the worker by the last of them.
    static let isPutBack = false
    /// How much sooner a caller's time is over for the service, at most: its answer, that nothing
    /// was done, then arrives while somebody waits for it.
    static let reserve = Duration.milliseconds(50)

    private let request: ClientRequest<Teller_Balance_V1_SubmitTransfersRequest>
    /// How many groups each member has.
    private let counts: [Int]

    init(_ batch: [TransferBatcher.Ticket]) {
        var message = Teller_Balance_V1_SubmitTransfersRequest()
        for ticket in batch {
            let context = ticket.member.context
            let reserve = min(context.deadline.remaining / 10, Self.reserve)
            for (place, group) in ticket.member.groups.enumerated() {
                var group = group
                group.follows = place > 0
                group.context = .init(context, reserve: reserve)
                message.groups.append(group)
            }
        }
        // Each group brings its deadline: see BalancesCall.
        request = ClientRequest(
            message: message, metadata: .call(traces: batch.lazy.map(\.member.context.trace)))
        counts = batch.map(\.member.groups.count)
    }

    func send(
        through connection: any BalanceServiceConnection
    ) async throws -> [TransferWriteOutcome] {
        let (groups, timing) = try await connection.unary(
            request: request,
            descriptor: Teller_Balance_V1_Ledger.Method.SubmitTransfers.descriptor,
            serializer: ProtobufSerializer<Teller_Balance_V1_SubmitTransfersRequest>(),
            deserializer: ProtobufDeserializer<Teller_Balance_V1_SubmitTransfersResponse>(),
            options: .defaults
        ) { response in
            (try response.message.groups, ServerTiming(trailing: response.trailingMetadata))
        }
        let expected = counts.reduce(0, +)
        guard groups.count == expected else {
            throw RPCError(
                code: .internalError, message: "\(groups.count) outcomes for \(expected) groups")
        }
        var rest = groups[...]
        return counts.map { count in
            defer { rest = rest.dropFirst(count) }
            return TransferWriteOutcome(groups: Array(rest.prefix(count)), timing: timing)
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
