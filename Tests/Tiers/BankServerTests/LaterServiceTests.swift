import BalanceAPI
import BankAPI
import TestSupport
import Testing

@testable import BankServer

/// A balance service that knows more than this program.
@Suite(.timeLimit(.minutes(5)))
struct LaterServiceTests {
    @Test(.bank) func aRefusalOfTomorrowIsARefusal() async throws {
        fake.ledger.script = [.refuse("a_code_of_tomorrow")]
        let answer = try await bank.batch([Body.newID(), Body.newID()])
        let problems = try answer.decode(TransferBatchAnswer.self).outcomes.map(\.problem)
        let code = ProblemCode(rawValue: "a_code_of_tomorrow")
        #expect(problems.map { $0?.code } == [code, code])
        #expect(problems.allSatisfy { $0?.status == 422 })
        #expect(problems[0]?.detail.contains("a_code_of_tomorrow") == true)
    }

    @Test(.bank) func aKindOfTomorrowIsToldByItsName() async throws {
        let ids = [Body.newID(), Body.newID()]
        for id in ids {
            #expect(try await bank.transfer(Body.transfer(id)).status == 200)
        }
        fake.ledger.state.update { state in
            let first = state.applied[0]
            state.records[first]?.kind = "standing_order"
            state.records[first]?.refusal = "not_today"
        }
        let answer = try await bank.post(
            "/v1/transfers/lookup", Body.json(TransferLookup(ids: ids)))
        #expect(answer.status == 200)
        #expect(answer.text.contains(#""kind":"standing_order""#))
        #expect(answer.text.contains(#""refusal":"not_today""#))
        #expect(answer.text.contains(#""kind":"transfer""#))
        #expect(try await bank.get("/v1/transfers/\(ids[0])").status == 200)
        fake.ledger.statementKind = "standing_order"
        let path = "/v1/accounts/\(FakeBalances.known)/statement"
        #expect(try await bank.get(path).text.contains(#""kind":"standing_order""#))
    }
}
