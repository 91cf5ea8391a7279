import BalanceAPI
import Chain
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import NIOPosix
import Testing

@testable import BalanceClient

@Suite struct SingleCallsTests {
    /// Those whose callers have left count, too.
    @Test func singleCallsAreBounded() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let connection = GRPCClient(
            transport: try HTTP2ClientTransport.Posix(
                target: .ipv4(address: "127.0.0.1", port: 1), transportSecurity: .plaintext))
        let calls = SingleCalls(
            connection, on: EventLoopTaskExecutor(group.next()), calls: CallsInFlight(), limit: 2)
        let call = UnaryCall(
            Teller_Balance_V1_Balances.Method.ListAccounts.descriptor,
            Teller_Balance_V1_ListAccountsRequest(),
            returning: Teller_Balance_V1_ListAccountsResponse.self,
            context: CallContext(deadline: .after(.milliseconds(20))))
        for expected in [BatcherError.deadlineExceeded, .deadlineExceeded, .overloaded] {
            await #expect(throws: expected) {
                _ = try await calls.send(call, endsWithItsCaller: true)
            }
        }
        #expect(HopError.saysNothingWasDone(BatcherError.overloaded))
    }
}
