import BalanceAPI
import Chain
import GRPCCore

/// One ListAccounts call.
struct AccountsCall: Sendable {
    var message: Teller_Balance_V1_ListAccountsRequest
    var deadline: Deadline
    var trace: TraceContext?

    struct Reply: Sendable {
        var message: Teller_Balance_V1_ListAccountsResponse
        var timing: ServerTiming?
    }

    func send(through connection: BalanceServiceConnection) async throws -> Reply {
        let balances = Teller_Balance_V1_Balances.Client(wrapping: connection)
        var options = CallOptions.defaults
        options.timeout = deadline.remaining
        return try await balances.listAccounts(
            request: ClientRequest(
                message: message, metadata: .call(trace: trace)),
            options: options
        ) { response in
            Reply(
                message: try response.message,
                timing: ServerTiming(trailing: response.trailingMetadata))
        }
    }
}
