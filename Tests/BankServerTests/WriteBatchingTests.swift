import BalanceAPI
import BankAPI
import Chain
import Ledger
import NIOHTTP1
import Testing

@testable import BankServer
@testable import Chain

@Suite struct WriteBatchingTests {
    @Test func concurrentWritesShareCallsAndGetTheirOwnAnswers() async throws {
        let fake = FakeBalances()
        try await fake.serve { address in
            try await TestBank.run([address]) {
                $0.writeBatchesInFlight = 1
            } _: { bank in
                fake.hold()
                let ids = (0..<50).map { _ in Body.newID() }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for (index, id) in ids.enumerated() {
                        group.addTask {
                            let answer = try await bank.transfer(
                                Body.transfer(id, amount: Int64(index) + 1),
                                headers: ["grpc-timeout": "30S"])
                            let record = try answer.decode(Transfer.self).record
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
        }
    }

    @Test func writesAndReadsDoNotWaitForEachOther() async throws {
        let fake = FakeBalances()
        try await fake.serve { address in
            try await TestBank.run([address]) { bank in
                fake.hold()
                async let read = bank.balance(headers: ["grpc-timeout": "30S"])
                try await fake.waitForCalls(1)
                async let write = bank.transfer(
                    Body.transfer(), headers: ["grpc-timeout": "30S"])
                try await eventually { fake.ledger.calls.count == 1 }
                fake.release()
                #expect(try await read.status == 200)
                #expect(try await write.status == 200)
            }
        }
    }

    @Test func eachGroupSendsWhatIsLeftOfItsTimeLessAReserve() async throws {
        let fake = FakeBalances()
        try await fake.serve { address in
            try await TestBank.run([address]) { bank in
                _ = try await bank.transfer(Body.transfer(), headers: ["grpc-timeout": "2S"])
                let group = try #require(fake.ledger.calls.last?.groups.first)
                #expect((1...1_950_000).contains(group.timeoutMicroseconds))
            }
        }
    }

    @Test func pastTheLimitOfWaitingTransfersItSaysSoAtOnce() async throws {
        let fake = FakeBalances()
        try await fake.serve { address in
            try await TestBank.run([address]) {
                $0.writeBatchesInFlight = 1
                $0.waitingTransfers = 10
            } _: { bank in
                fake.hold()
                async let sent = bank.transfer(
                    Body.transfer(), headers: ["grpc-timeout": "30S"])
                try await eventually { fake.ledger.calls.count == 1 }
                let ids = (0..<10).map { _ in Body.newID() }
                async let waiting = bank.post(
                    "/v1/transfers/batch", Body.batch(ids, atomic: false),
                    headers: ["grpc-timeout": "30S"])
                try await bank.waitForWrites(2)
                let refused = try await bank.transfer(
                    Body.transfer(), headers: ["grpc-timeout": "30S"])
                #expect(try refused.problem.code == .overloaded)
                #expect(refused.headers.first(name: "retry-after") == "1")
                fake.release()
                #expect(try await sent.status == 200)
                #expect(try await waiting.status == 200)
                #expect(fake.ledger.applied.count == 11)
            }
        }
    }
}

@Suite struct TransferWriteTests {
    @Test func isSentOrAbandonedAndNeverBoth() {
        let sent = TransferWrite(groups: [], trace: nil)
        #expect(sent.claim())
        #expect(!sent.abandon())
        let abandoned = TransferWrite(groups: [], trace: nil)
        #expect(abandoned.abandon())
        #expect(!abandoned.claim())
    }
}
