import BalanceAPI
import BankAPI
import Chain
import Ledger
import NIOHTTP1
import TestSupport
import Testing

@testable import BankServer
@testable import Chain

@Suite struct WriteBatchingTests {
    @Test(.bank { $0.writeBatchesInFlight = 1 })
    func concurrentWritesShareCallsAndGetTheirOwnAnswers() async throws {
        fake.hold()
        let ids = (0..<50).map { _ in Body.newID() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, id) in ids.enumerated() {
                group.addTask {
                    let answer = try await bank.transfer(
                        Body.transfer(id, amount: Int64(index) + 1),
                        timeout: "30S")
                    let record = try #require(try answer.decode(Transfer.self).record)
                    #expect(record.id == id)
                    #expect(record.amount?.minorUnits == Int64(index) + 1)
                }
            }
            // The rest gathers behind the first call.
            try await bank.waitForWrites(50)
            fake.release()
            try await group.waitForAll()
        }
        #expect(fake.ledger.calls.count == 2)
        #expect(fake.ledger.applied.count == 50)
    }

    @Test(.bank) func writesAndReadsDoNotWaitForEachOther() async throws {
        fake.hold()
        async let read = bank.balance()
        try await eventually { fake.calls.count == 1 }
        async let write = bank.transfer(Body.transfer())
        try await eventually { fake.ledger.calls.count == 1 }
        fake.release()
        #expect(try await read.status == 200)
        #expect(try await write.status == 200)
    }

    /// Each caller's lines in his order, and nobody else's.
    @Test(.bank { $0.writeBatchesInFlight = 1 })
    func aCallersLaterLinesFollowHisEarlierOnes() async throws {
        fake.hold()
        async let first = bank.transfer(Body.transfer())
        try await eventually { fake.ledger.calls.count == 1 }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    let ids = (0..<3).map { _ in Body.newID() }
                    let answer = try await bank.batch(ids)
                    #expect(answer.status == 200)
                }
            }
            try await bank.waitForWrites(3)
            fake.release()
            try await group.waitForAll()
        }
        #expect(try await first.status == 200)
        #expect(
            fake.ledger.calls.map { $0.groups.map(\.follows) } == [
                [false], [false, true, true, false, true, true],
            ])
    }

    /// A line that stays busy to the end: those behind it are not asked for once it is given up, whatever
    /// became of them before.
    @Test(.bank) func behindALineThatIsGivenUpNoneIsAskedFor() async throws {
        fake.ledger.script = [.answerGroups([.deadlineExceeded, .busy, .outcomeUnknown])]
        let ids = (0..<3).map { _ in Body.newID() }
        let answer = try await bank.batch(ids)
        let outcomes = try answer.decode(TransferBatchAnswer.self).outcomes
        #expect(
            outcomes.map(\.problem?.code) == [
                .deadlineExceeded, .deadlineExceeded, .outcomeUnknown,
            ])
        #expect(fake.ledger.calls.count == 1)
        #expect(fake.ledger.applied.isEmpty)
    }

    @Test(.bank) func eachGroupSendsWhatIsLeftOfItsTimeLessAReserve() async throws {
        _ = try await bank.transfer(Body.transfer(), timeout: "2S")
        let group = try #require(fake.ledger.calls.last?.groups.first)
        #expect((1...1_950_000).contains(group.context.timeoutMicroseconds))
    }

    @Test(
        .bank {
            $0.writeBatchesInFlight = 1
            $0.waitingTransfers = 10
        }) func pastTheLimitOfWaitingTransfersItSaysSoAtOnce() async throws
    {
        fake.hold()
        async let sent = bank.transfer(Body.transfer())
        try await eventually { fake.ledger.calls.count == 1 }
        let ids = (0..<10).map { _ in Body.newID() }
        async let waiting = bank.batch(ids)
        try await bank.waitForWrites(2)
        let refused = try await bank.transfer(Body.transfer())
        #expect(try refused.problem.code == .overloaded)
        #expect(refused["retry-after"] == "1")
        fake.release()
        #expect(try await sent.status == 200)
        #expect(try await waiting.status == 200)
        #expect(fake.ledger.applied.count == 11)
    }
}
