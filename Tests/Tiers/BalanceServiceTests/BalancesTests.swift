import BalanceAPI
import Chain
import GRPCCore
import Ledger
import SwiftProtobuf
import TestSupport
import Testing

@testable import BalanceService

extension ServiceTests {
    /// `GetBalances` and its outcomes.
    @Suite(.timeLimit(.minutes(2))) struct BalancesTests {
        typealias Query = RunningService.Query

        private func reason(of body: () async throws -> Void) async -> BalanceErrorReason? {
            let error = await #expect(throws: RPCError.self) { try await body() }
            return error.flatMap { BalanceErrorReason(of: $0) }
        }

        @Test(.bankService) func answersInOrderForEachMember() async throws {
            let grouped = try AccountNumber(bank: "DEMO", number: 18).grouped.lowercased()
            let texts = [
                try account(17), "XB00DEMO0000000017", try account(4711), grouped,
                try account(17, bank: "ELSE"), "", try account(17),
                String(repeating: "9", count: 10_000), try account(42),
            ]
            let outcomes = try await service.ask(texts.map { text in .with { $0.account = text } })
                .outcomes
            #expect(
                outcomes.map(\.refusal.code) == [
                    .unspecified, .accountInvalid, .accountUnknown, .unspecified, .accountUnknown,
                    .accountInvalid, .unspecified, .accountInvalid, .unspecified,
                ])
            let expected = try await TestPostgres.psql(
                service.database,
                "SELECT string_agg(balance::text, ' ' ORDER BY id) FROM teller.accounts WHERE id IN (17, 18, 42)"
            )
            let found = [0, 3, 8].map { "\(outcomes[$0].account.balance)" }
            #expect(found.joined(separator: " ") == expected)
            #expect(outcomes[3].account.account == (try account(18)))
            #expect(outcomes[6].account == outcomes[0].account)
            #expect(outcomes.allSatisfy { $0.isAccount || !$0.refusal.message.isEmpty })
        }

        @Test(.bankService) func tellsAllOfAnAccount() async throws {
            let outcomes = try await service.ask([
                try Query.with { $0.account = try account(32) },
                try Query.with { $0.account = try account(1) },
            ]).outcomes
            let closed = outcomes[0].account
            #expect(closed.name == "Chiara, Boston")
            #expect(closed.currency == "USD")
            #expect(closed.balance == 0)
            #expect(closed.version == 3)
            #expect(closed.hasOverdraftLimit && closed.overdraftLimit == 0)
            #expect(closed.openedAtMicroseconds == 1_693_215_000_000_000)
            #expect(closed.hasClosedAtMicroseconds)
            // The bank's cash has no limit, and is below zero.
            let cash = outcomes[1].account
            #expect(!cash.hasOverdraftLimit && cash.balance < 0 && !cash.hasClosedAtMicroseconds)
        }

        @Test(.bankService) func anEmptyBatchIsAnswered() async throws {
            #expect(try await service.ask([]).outcomes.isEmpty)
        }

        @Test(.bankService) func takesAThousandAndNoMore() async throws {
            let thousand = try (0..<1000).map { number in
                try Query.with { $0.account = try account(Int64(number)) }
            }
            let outcomes = try await service.ask(thousand).outcomes
            #expect(outcomes.count == 1000)
            #expect(outcomes.filter(\.isAccount).count == 14)
            #expect(outcomes[17].account.account == thousand[17].account)
            let tooMany = thousand + [thousand[0]]
            #expect(await reason { _ = try await service.ask(tooMany) } == .tooManyQueries)
        }

        @Test(.bankService) func timesOnlyWhatIsSampled() async throws {
            let query = try Query.with { $0.account = try account(17) }
            #expect(try await service.ask([query]).timing == nil)
            #expect(try await service.ask([query], metadata: .trace(sampled: false)).timing == nil)
            #expect(
                try await service.ask([query], metadata: ["traceparent": "nonsense"]).timing == nil)
            let timing = try await service.ask([query], metadata: .trace(sampled: true)).timing
            let metrics = try #require(timing?.metrics)
            #expect(metrics.map(\.name) == ["balance-service", "postgresql"])
            #expect(metrics.map(\.detail).first == "balances (1 of 1 in its batch)")
            #expect(metrics[0].duration >= metrics[1].duration)
            // Nothing to ask the database: no time spent there.
            let unasked = try await service.ask(
                [.with { $0.account = "no" }], metadata: .trace(sampled: true))
            #expect(unasked.timing?.metrics.map(\.name) == ["balance-service"])
        }
    }
}
