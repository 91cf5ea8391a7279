import BalanceAPI
import Chain
import GRPCCore

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
            let remaining = ticket.deadline.remaining
            let time = remaining - min(remaining / 10, Self.reserve)
            for (place, group) in ticket.member.groups.enumerated() {
                var group = group
                group.follows = place > 0
                // Zero would mean 'no deadline of its own'.
                group.context.timeoutMicroseconds = UInt64(max(1, time.wholeMicroseconds))
                message.groups.append(group)
            }
        }
        let trace = batch.lazy.compactMap(\.member.trace).first
        // Each group brings its deadline: see BalancesCall.
        request = ClientRequest(message: message, metadata: .call(trace: trace))
        counts = batch.map(\.member.groups.count)
    }

    func send(
        through connection: BalanceServiceConnection
    ) async throws -> [TransferWriteOutcome] {
        let ledger = Teller_Balance_V1_Ledger.Client(wrapping: connection)
        let (groups, timing) = try await ledger.submitTransfers(request: request) { response in
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
