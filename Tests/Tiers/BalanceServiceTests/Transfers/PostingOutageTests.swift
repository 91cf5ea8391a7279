import BalanceAPI
import Chain
import GRPCCore
import Ledger
import Postgres
import SwiftProtobuf
import TestSupport
import Testing

@testable import BalanceService

extension ServiceTests {
    @Suite(.timeLimit(.minutes(3))) struct PostingOutageTests {
        /// What a caller is told of each request is the truth, whenever PostgreSQL dies.
        @Test func aCrashLosesNothingAndDoublesNothing() async throws {
            let server = try await PostgresServer.start()
            defer { server.stop() }
            try await migrate(server.url())
            try await TestPostgres.psql(server.url(), LedgerSQL.bank(customers: 8))
            try await withService(server.url()) { service async throws in
                let answered = try await withThrowingTaskGroup(
                    of: [(TransferRequest, TransferOutcome)].self
                ) { group in
                    let isOver = Flag()
                    for caller in Int64(0)..<8 {
                        group.addTask {
                            var answered: [(TransferRequest, TransferOutcome)] = []
                            while !isOver.isRaised {
                                let request = try TransferRequest.deposit(1, to: 100 + caller)
                                answered.append((request, try await service.settle(request)))
                            }
                            return answered
                        }
                    }
                    for mode in ["immediate", "fast", "immediate"] {
                        try await Task.sleep(for: .milliseconds(700))
                        try await server.pause(mode: mode)
                        try await server.start()
                    }
                    isOver.raise()
                    return try await group.reduce(into: []) { $0 += $1 }
                }
                #expect(answered.count > 8)
                for (request, outcome) in answered {
                    #expect(outcome.record != nil)
                    #expect(try await service.settle(request) == outcome)
                }
                let count = try await TestPostgres.psql(
                    server.url(), "SELECT count(*) FROM teller.transfers")
                #expect(Int(count) == answered.count)
            }
            #expect(try await brokenInvariants(server.url()) == [])
        }

        @Test func aStoppedDatabaseIsSaidQuickly() async throws {
            let server = try await PostgresServer.start()
            defer { server.stop() }
            try await migrate(server.url())
            try await withService(server.url()) { service async throws in
                #expect(
                    try await service.submit(try .deposit(1, to: 100))[0].refusal == .accountUnknown
                )
                try await server.pause(mode: "fast")
                let start = ContinuousClock.now
                await expectFailure(because: .databaseUnavailable) {
                    try await service.submit(try .deposit(1, to: 100))
                }
                #expect(start.duration(to: .now) < .seconds(20))
            }
        }

        /// In a batch that waits for a lock, one caller's time runs out and the other's does not.
        @Test(.postingService(customers: 2)) func pastItsDeadlineNothingIsDone() async throws {
            _ = try await service.submit(try .deposit(10, to: 100))
            let requests = try (0..<3).map { _ in
                try TransferRequest.transfer(1, from: 100, to: 101)
            }
            let timeouts: [UInt64] = [1, 20_000, 60_000_000]
            let groups = zip(requests, timeouts).map { request, timeout in
                Teller_Balance_V1_TransferGroup.with {
                    $0.transfers = [.init(request)]
                    $0.context.timeoutMicroseconds = timeout
                }
            }
            try await whileLocked([100], in: service.database) {
                let failures = try await service.submit(groups: groups).map(\.failure)
                #expect(failures == [.deadlineExceeded, .deadlineExceeded, .busy])
            }
            #expect(try await service.settle(requests[2]).record != nil)
            #expect(try await service.balances(100, 101) == [9, 1])
        }
    }
}
