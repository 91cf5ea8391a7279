import BalanceAPI
import BankAPI
import GRPCCore
import GRPCProtobuf
import Ledger
import Synchronization
import Testing

@testable import BankServer

/// A balance service that knows more than this program.
@Suite(.timeLimit(.minutes(2)))
struct LaterServiceTests {
    private func with(
        _ body: @escaping @Sendable (FakeBalances, TestBank) async throws -> Void
    ) async throws {
        let fake = FakeBalances()
        try await fake.serve { address in
            try await TestBank.run([address]) { bank in try await body(fake, bank) }
        }
    }

    @Test func aRefusalOfTomorrowIsARefusal() async throws {
        try await with { fake, bank in
            fake.ledger.script(.refuse("a_code_of_tomorrow"))
            let batch = try Body.batch([Body.newID(), Body.newID()], atomic: false)
            let answer = try await bank.post("/v1/transfers/batch", batch)
            let problems = try answer.decode(TransferBatchAnswer.self).outcomes.map(\.problem)
            let code = ProblemCode(rawValue: "a_code_of_tomorrow")
            #expect(problems.map { $0?.code } == [code, code])
            #expect(problems.allSatisfy { $0?.status == 422 })
            #expect(problems[0]?.detail.contains("a_code_of_tomorrow") == true)
        }
    }

    @Test func aKindOfTomorrowIsToldByItsName() async throws {
        try await with { fake, bank in
            let ids = [Body.newID(), Body.newID()]
            for id in ids {
                #expect(try await bank.transfer(Body.transfer(id)).status == 200)
            }
            fake.ledger.state.withLock { state in
                let first = state.applied[0]
                state.records[first]?.kind = "standing_order"
                state.records[first]?.refusal = "not_today"
            }
            let body = try Body.json(TransferLookup(ids: ids))
            let answer = try await bank.post("/v1/transfers/lookup", body)
            #expect(answer.status == 200)
            #expect(answer.text.contains(#""kind":"standing_order""#))
            #expect(answer.text.contains(#""refusal":"not_today""#))
            #expect(answer.text.contains(#""kind":"transfer""#))
            #expect(try await bank.get("/v1/transfers/\(ids[0])").status == 200)
            fake.ledger.state.withLock { $0.statementKind = "standing_order" }
            let path = "/v1/accounts/\(FakeBalances.known)/statement"
            #expect(try await bank.get(path).text.contains(#""kind":"standing_order""#))
        }
    }
}
