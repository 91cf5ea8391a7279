import BalanceAPI
import BankAPI
import Chain
import Foundation
import Ledger
import NIOHTTP1
import Testing

@testable import BankServer

@Suite struct WriteRouteTests {
    @Test(.bank) func transfersAndTellsOfIt() async throws {
        let id = Body.newID()
        let answer = try await bank.transfer(Body.transfer(id, memo: "rent \"May\""))
        #expect(answer.status == 200)
        #expect(answer["connection"] == nil)
        let transfer = try answer.decode(Transfer.self)
        #expect(transfer.id == id)
        #expect(transfer.record?.amount?.minorUnits == 1234)
        #expect(transfer.record?.debitLeg?.version == 4)
        #expect(try BankJSON.encode(transfer) == answer.body)

        let found = try await bank.get("/v1/transfers/\(id)")
        #expect(found.body == answer.body)
        let missing = try await bank.get("/v1/transfers/\(Body.newID())").problem
        #expect(missing.code == .transferUnknown)
        let bad = try await bank.get("/v1/transfers/17").problem
        #expect(bad.code == .idInvalid)
        let lookup = try await bank.post(
            "/v1/transfers/lookup", Body.json(TransferLookup(ids: [id, Body.newID()])))
        let lookedUp = try lookup.decode(TransferLookupAnswer.self)
        #expect(lookedUp.ledger == FakeLedger.id)
        #expect(lookedUp.transfers == [transfer])
        #expect(try BankJSON.encode(lookedUp) == lookup.body)
    }

    @Test(.bank, arguments: Refusal.allCases)
    func answersARefusalAsAProblem(refusal: Refusal) async throws {
        fake.ledger.script = [.refuse(refusal.rawValue)]
        let answer = try await bank.transfer(Body.transfer())
        let problem = try answer.problem
        #expect(problem.code == ProblemCode(rawValue: refusal.rawValue))
        #expect(problem.code.refusal == refusal)
        #expect(answer.status == problem.code.status)
        #expect(problem.detail == refusal.explanation)
    }

    @Test(.bank) func submitsABatchAsOneGroupOrAsMany() async throws {
        let ids = (0..<3).map { _ in Body.newID() }
        for atomic in [true, false] {
            let answer = try await bank.batch(ids, atomic: atomic)
            let outcomes = try answer.decode(TransferBatchAnswer.self)
            #expect(outcomes.outcomes.map(\.transfer?.id) == ids)
            #expect(try BankJSON.encode(outcomes) == answer.body)
            let call = try #require(fake.ledger.calls.last)
            #expect(call.groups.map(\.transfers.count) == (atomic ? [3] : [1, 1, 1]))
        }
        fake.ledger.script = [.refuse("linked_refused")]
        let refused = try await bank.batch(ids, atomic: true)
        let problems = try refused.decode(TransferBatchAnswer.self).outcomes
        #expect(problems.map(\.problem?.code) == ids.map { _ in .linkedRefused })
    }

    /// Then all of it may be sent again, and when is said.
    @Test(.bank, arguments: [1, 3])
    func aBatchOfWhichNothingWasBegunIsAProblem(count: Int) async throws {
        let overloaded = WriteOutcomeTests.reason(.overloaded)
        fake.ledger.script = [.fail(overloaded, applied: false)]
        let ids = (0..<count).map { _ in Body.newID() }
        let body = try Body.batch(ids, atomic: false)
        let answer = try await bank.post("/v1/transfers/batch", body)
        #expect(answer.status == 503)
        #expect(try answer.problem.code == .overloaded)
        #expect(answer["retry-after"] == "1")
        #expect(try await bank.post("/v1/transfers/batch", body).status == 200)
    }

    @Test(.bank) func opensAndClosesAccounts() async throws {
        let body = OpenAccount(
            id: Body.newID(), ledger: FakeLedger.id, name: try ShortText("Ann"),
            overdraftLimit: Money(minorUnits: 500, currency: .usd))
        let opened = try await bank.post("/v1/accounts", Body.json(body))
        #expect(opened.status == 200)
        #expect(try opened.decode(Account.self).account.compact == FakeBalances.known)
        let asked = try #require(fake.ledger.opened.last)
        #expect(asked.id == Data(body.id.bytes))
        #expect(asked.ledger == Data(FakeLedger.id.bytes))
        #expect((asked.name, asked.currency) == ("Ann", "USD"))
        #expect(asked.overdraftLimit == 500)

        let path = "/v1/accounts/\(FakeBalances.known)/close"
        let close = try Body.json(CloseAccount(id: Body.newID(), ledger: nil))
        let closed = try await bank.post(path, close)
        #expect(try closed.decode(Account.self).closedAt != nil)
        fake.ledger.script = [
            .refuse("account_not_empty"), .failGroups(.otherLedger, applied: false),
        ]
        let refused = try await bank.post(path, close).problem
        #expect(refused.code == .accountNotEmpty)
        let elsewhere = try await bank.post(path, close).problem
        #expect(elsewhere.code == .otherLedger)
    }

    @Test(.bank) func answersAPageOfAStatement() async throws {
        let path = "/v1/accounts/\(FakeBalances.known)/statement"
        let answer = try await bank.get(
            "\(path)?from=2026-01-31T09:30:00%2B01:00&to=2026-02-01T00:00:00Z&page_size=3"
                + "&page_token=t")
        let page = try answer.decode(StatementPage.self)
        #expect(page.entries.map(\.amount.minorUnits) == [-500])
        #expect(page.entries.first?.memo?.description == "rent")
        #expect(page.nextPageToken == "next")
        let asked = try #require(fake.ledger.statements.last)
        #expect(asked.fromMicroseconds == 1_769_848_200_000_000)
        #expect(asked.hasToMicroseconds)
        #expect((asked.pageSize, asked.pageToken) == (3, "t"))
        let unknown = try await bank.get("/v1/accounts/\(FakeBalances.unknown)/statement").problem
        #expect(unknown.code == .accountUnknown)
    }

    @Test(.bank) func answersABalanceOfAnotherTimeOrVersion() async throws {
        let path = "/v1/accounts/\(FakeBalances.known)/balance"
        let then = try await bank.get("\(path)?at=2026-01-31T09:30:00Z").decode(Balance.self)
        #expect(then.held == nil)
        #expect(fake.calls.last?.queries.first?.hasAtMicroseconds == true)
        let reached = try await bank.get("\(path)?at_least_version=7").status
        #expect(reached == 200)
        #expect(fake.calls.last?.queries.first?.atLeastVersion == 7)
        let early = try await bank.get("\(path)?at_least_version=8")
        #expect(early.status == 409)
        #expect(try early.problem.code == .versionNotReached)
    }

    @Test(.bank) func tellsWhichBankItIsAndAudits() async throws {
        let answer = try await bank.get("/v1/bank").decode(Bank.self)
        #expect(answer == Bank(bank: "DEMO", ledger: FakeLedger.id))
        let report = try await bank.get("/v1/audit").decode(AuditReport.self)
        #expect(report.invariants.map(\.broken) == [1])
        #expect(report.invariants.first?.example == "x")
        #expect(try await bank.get("/v1/bank", method: .HEAD).body.isEmpty)
    }

    @Test(.bank) func aWriteIsTracedAsAReadIs() async throws {
        let answer = try await bank.transfer(
            Body.transfer(), headers: ["traceparent": "\(TraceTests.parent)1"])
        let header = try #require(answer["server-timing"])
        let metrics = ServerTiming(parsing: header).metrics
        #expect(metrics.map(\.name) == ["bank-server", "balance-service", "postgresql"])
        #expect(metrics.first?.detail == "SubmitTransfers")
        let group = try #require(fake.ledger.calls.last?.groups.first)
        #expect(TraceContext(group.context.traceparent)?.isSampled == true)
    }
}
