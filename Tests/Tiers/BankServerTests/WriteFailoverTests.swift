import BalanceAPI
import BankAPI
import Chain
import GRPCCore
import GRPCProtobuf
import Ledger
import NIOCore
import NIOHTTP1
import NIOPosix
import TestSupport
import Testing

@testable import BankServer
@testable import Chain

@Suite struct WriteFailoverTests {
    /// Its connection is cut after the effect; the other service of the same ledger tells it.
    @Test(.bank(services: 2, wired: true))
    func aLostAnswerIsLearntFromAnotherService() async throws {
        let dying = fakes[1]
        dying.hold()
        let ids = (0..<20).map { _ in Body.newID() }
        try await withThrowingTaskGroup(of: Int.self) { group in
            for id in ids {
                group.addTask { try await bank.transfer(Body.transfer(id)).status }
            }
            try await eventually { !dying.heldCalls.isEmpty }
            try await wire.cut()
            for try await status in group { #expect(status == 200) }
        }
        // Late, the dead service does what it was asked: it was done already.
        dying.release()
        let applied = fake.ledger.applied.map { Array($0) }
        #expect(Set(applied) == Set(ids.map(\.bytes)))
        #expect(applied.count == ids.count)
    }

    @Test(.bank(wired: true)) func aWriteWaitsForItsOnlyServiceToComeBack() async throws {
        fake.hold()
        async let answer = bank.transfer(Body.transfer())
        try await eventually { fake.ledger.calls.count == 1 }
        try await wire.cut()
        try await bank.waitUntilReady(false)
        // What was not sent fails at once meanwhile.
        let refused = try await bank.transfer(Body.transfer()).problem
        #expect(refused.code == .balanceServiceUnavailable)
        fake.release()
        try await wire.restore()
        #expect(try await answer.status == 200)
        #expect(fake.ledger.applied.count == 1)
    }

    @Test(.bank) func aWriteGoesOnWhenItsCallerHangsUp() async throws {
        fake.hold()
        let body = try Body.transfer()
        let channel = try await ClientBootstrap(
            group: .singletonMultiThreadedEventLoopGroup
        ).connect(host: bank.address.host, port: bank.address.port).get()
        try await channel.writeAndFlush(
            ByteBuffer(
                string: "POST /v1/transfers HTTP/1.1\r\nHost: localhost\r\n"
                    + "Content-Type: application/json\r\n"
                    + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"))
        try await eventually { fake.ledger.calls.count == 1 }
        try await channel.close()
        fake.release()
        try await eventually { fake.ledger.applied.count == 1 }
        #expect(fake.ledger.calls.count == 1)
    }
}
