import Chain
import Ledger
import NIOCore
import NIOPosix
import Testing

@testable import BalanceClient

@Suite(.timeLimit(.minutes(1))) struct DirectoryTests {
    /// A caller's answer may lead to its next request at once, and that may ask who is ready.
    @Test func whoWaitsMayAskWhoIsReadyWhenNobodyIs() async throws {
        let account = try AccountNumber(bank: "DEMO", number: 17)
        let eventLoop = MultiThreadedEventLoopGroup.singleton.any()
        let conditions = try await eventLoop.submit {
            let reads = BalanceBatcher(
                limits: .init(waiting: 10, batch: 10), eventLoop: eventLoop)
            let directory = BalanceServiceDirectory(
                addresses: [HostAndPort(host: "127.0.0.1", port: 1)], reads: reads,
                writes: TransferBatcher(
                    limits: .init(waiting: 10, batch: 10), eventLoop: eventLoop))
            // As while it is ready.
            reads.accept()
            var seen: Int?
            let deadline = Deadline.after(.seconds(60))
            reads.submit(
                BalanceRead(account: account, context: CallContext(deadline: deadline)),
                deadline: deadline
            ) { _ in seen = directory.entries.count }
            directory.markUnavailable(0, .notConnected)
            return seen
        }.get()
        #expect(conditions == 1)
    }
}
