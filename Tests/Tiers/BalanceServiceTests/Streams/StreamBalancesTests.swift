import BalanceAPI
import Chain
import GRPCCore
import Ledger
import SwiftProtobuf
import TestSupport
import Testing

@testable import BalanceService

extension ServiceTests {
    @Suite(.timeLimit(.minutes(2))) struct StreamBalancesTests {
        typealias Query = RunningService.Query

        @Test(.bankService) func answersInTheOrderOfTheBatches() async throws {
            let expected = try await service.balances(17, 18, 42)
            try await service.withBalancesStream { stream in
                stream.send(7, [try .of(17), .with { $0.account = "no" }])
                stream.send(3, [])
                stream.send(9, [try .of(18), try .of(42)])
                let first = try await stream.next()
                #expect(first?.number == 7)
                let outcomes = try #require(first?.response.outcomes)
                #expect(outcomes.map(\.refusal.code) == [.unspecified, .accountInvalid])
                #expect(outcomes.map(\.account.balance) == [expected[0], 0])
                let second = try await stream.next()
                #expect(second?.number == 3)
                #expect(second?.response.outcomes == [])
                let third = try await stream.next()
                #expect(third?.number == 9)
                #expect(third?.response.outcomes.map(\.account.balance) == Array(expected[1...]))
                stream.batches.finish()
                #expect(try await stream.next() == nil)
            }
        }

        /// What a call of its own would end with is in the answer.
        @Test(.bankService) func anErrorIsTheBatchesNotTheStreams() async throws {
            try await service.withBalancesStream { stream in
                stream.send(1, Array(repeating: try .of(17), count: 1001))
                let answer = try #require(try await stream.next())
                #expect(answer.number == 1)
                #expect(answer.error.code == 3)
                #expect(answer.error.reason == BalanceErrorReason.tooManyQueries.rawValue)
                #expect(answer.error.message == "1001 queries; a request may hold 1000")
                let next = try await stream.ask(2, 17)
                #expect(next?.number == 2)
                #expect(next?.response.outcomes.first?.isAccount == true)
            }
        }

        @Test(.bankService) func eachMemberHasItsOwnDeadline() async throws {
            try await service.withBalancesStream { stream in
                stream.send(
                    1,
                    [
                        try .of(17, timeout: 60_000_000), try .of(18, timeout: 1),
                        try .of(42, timeout: .max),
                    ])
                let codes = try await stream.next()?.response.outcomes.map(\.refusal.code)
                #expect(codes == [.unspecified, .deadlineExceeded, .unspecified])
            }
            try await service.withBalancesStream { stream in
                try await whileTablesAreLocked(in: service.database) { () async throws in
                    stream.send(1, [try .of(17, timeout: 200_000)])
                    let answer = try await stream.next()
                    #expect(answer?.error.code == 4)
                    #expect(answer?.error.reason == BalanceErrorReason.deadlineExceeded.rawValue)
                    try await waitForBlocked(0...0, in: service.database)
                }
                #expect(try await stream.ask(2, 17)?.response.outcomes.count == 1)
            }
        }

        /// A trace is a member's, never the stream's or the batch's.
        @Test(.bankService) func timesTheBatchesThatHaveASampledMember() async throws {
            try await service.withBalancesStream { stream in
                func timing(_ traces: [String]) async throws -> ServerTiming? {
                    stream.send(1, try traces.map { try .of(17, trace: $0) })
                    let text = try await stream.next()?.serverTiming ?? ""
                    return text.isEmpty ? nil : ServerTiming(parsing: text)
                }
                let sampled = TraceContext.random(isSampled: true).description
                let others = ["", "nonsense", "\(TraceContext.random(isSampled: false))"]
                #expect(try await timing(others) == nil)
                let metrics = try #require(try await timing(others + [sampled])?.metrics)
                #expect(metrics.map(\.name) == ["balance-service", "postgresql"])
                #expect(metrics.first?.detail == "balances (4 of 4 in its batch)")
                #expect(metrics[0].duration >= metrics[1].duration)
                #expect(try await timing(others) == nil)
            }
        }

        @Test(.bankService) func aReadEndsWithItsCaller() async throws {
            try await whileTablesAreLocked(in: service.database) { () async throws in
                let caller = Task {
                    try await service.withBalancesStream { stream in
                        let past = try Query.with {
                            $0.account = try account(17)
                            $0.atMicroseconds = 1_700_000_000_000_000
                            $0.context.timeoutMicroseconds = 60_000_000
                        }
                        stream.send(1, [past])
                        _ = try await stream.next()
                    }
                }
                try await waitForBlocked(1..., in: service.database)
                caller.cancel()
                try await waitForBlocked(0...0, in: service.database)
                _ = await caller.result
            }
            #expect(try await service.balances(17).count == 1)
        }

        @Test func anOutageIsInTheAnswers() async throws {
            let server = try await PostgresServer.start()
            defer { server.stop() }
            try await migrate(server.url())
            try await loadDemo(server.url())
            try await withService(server.url()) { service async throws in
                try await service.withBalancesStream { stream in
                    let before = try await stream.ask(1, 17)?.response
                    #expect(before?.outcomes.first?.isAccount == true)
                    try await server.pause(mode: "fast")
                    let answer = try await stream.ask(2, 17)
                    #expect(answer?.number == 2)
                    #expect(answer?.error.code == 14)
                    #expect(answer?.error.reason == BalanceErrorReason.databaseUnavailable.rawValue)
                    try await server.start()
                    try await eventually { try await service.isServing() }
                    // Who asks for the health has another connection to the database.
                    var number: UInt64 = 2
                    try await eventually {
                        number += 1
                        return try await stream.ask(number, 17)?.response == before
                    }
                }
            }
        }
    }
}
