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

@testable import BalanceClient
@testable import BankServer
@testable import Chain

/// Any problem but outcome_unknown promises that nothing was done and nothing will be.
@Suite struct WriteOutcomeTests {
    static let lost = RPCError(code: .unavailable, message: "stream closed")
    static let broken = RPCError(code: .internalError, message: "secret")

    static func reason(_ reason: BalanceErrorReason) -> RPCError {
        RPCError(reason.status("secret"))
    }

    /// What one write gets after a script, and how often it is asked.
    struct Case: Sendable, CustomTestStringConvertible {
        var script: [FakeLedger.Behaviour]
        var code: ProblemCode?
        var calls: Int
        var testDescription: String { "\(script) → \(code?.rawValue ?? "done")" }
    }

    static let cases: [Case] = [
        // Lost before or after its effect: repeated with its id, and told as it is.
        Case(script: [.fail(lost, applied: true)], calls: 2),
        Case(script: [.fail(lost, applied: false)], calls: 2),
        Case(script: [.fail(broken, applied: true)], calls: 2),
        Case(script: [.failGroups(.outcomeUnknown, applied: true)], calls: 2),
        Case(
            script: [.fail(lost, applied: true), .refuse("insufficient_funds")],
            code: .insufficientFunds, calls: 2),
        // A locked account is asked for more often than a service that fails, and nothing else.
        Case(script: Array(repeating: .failGroups(.busy, applied: false), count: 5), calls: 6),
        Case(script: [.fail(lost, applied: true), .failGroups(.busy, applied: false)], calls: 3),
        Case(script: [.failGroups(.unavailable, applied: false)], calls: 2),
        Case(
            script: Array(repeating: .failGroups(.unavailable, applied: false), count: 3),
            code: .databaseUnavailable, calls: 3),
        // A definite answer is not asked for again.
        Case(script: [.fail(reason(.overloaded), applied: false)], code: .overloaded, calls: 1),
        Case(script: [.fail(reason(.requestInvalid), applied: false)], code: .internal, calls: 1),
        Case(
            script: [.failGroups(.deadlineExceeded, applied: false)], code: .deadlineExceeded,
            calls: 1),
        Case(script: [.failGroups(.otherLedger, applied: false)], code: .otherLedger, calls: 1),
        Case(script: [.failGroups(.internal, applied: false)], code: .internal, calls: 1),
        Case(
            script: [.refuse("a_code_of_tomorrow")],
            code: ProblemCode(refusal: "a_code_of_tomorrow"), calls: 1),
        // That the second attempt did nothing says nothing of the first.
        Case(
            script: [
                .fail(lost, applied: true), .failGroups(.deadlineExceeded, applied: false),
            ], code: .outcomeUnknown, calls: 2),
        Case(
            script: [.fail(lost, applied: true), .failGroups(.otherLedger, applied: false)],
            code: .outcomeUnknown, calls: 2),
        // An overloaded service is asked again for what an earlier attempt came to.
        Case(
            script: [.fail(lost, applied: true), .fail(reason(.overloaded), applied: false)],
            calls: 3),
        Case(script: [.breakContract], code: .outcomeUnknown, calls: 1),
    ]

    @Test(.bank, arguments: cases) func isToldAsItIs(test: Case) async throws {
        let id = Body.newID()
        fake.ledger.script = test.script
        let answer = try await bank.transfer(Body.transfer(id))
        let problem = try? answer.problem
        #expect(problem?.code == test.code)
        #expect(answer.status == test.code?.status ?? 200)
        #expect(!answer.text.contains("secret"))
        let calls = fake.ledger.calls
        #expect(calls.count == test.calls)
        for call in calls {
            #expect(call.groups.flatMap(\.transfers).map { Array($0.id) } == [id.bytes])
        }
        #expect(fake.ledger.applied.count <= 1)
    }

    /// Asked again until another answer might come too late to be heard.
    // A busy machine has twenty seconds for the last attempt.
    @Test(.bank { $0.lockWait = .seconds(20) })
    func aLockedAccountIsBusyInTheEnd() async throws {
        fake.ledger.state.update {
            $0.script = Array(repeating: .failGroups(.busy, applied: false), count: 1000)
        }
        let answer = try await bank.transfer(Body.transfer(), timeout: "23S")
        #expect(try answer.problem.code == .overloaded)
        #expect(answer.status == 503)
        #expect(answer["retry-after"] == "1")
        #expect(fake.ledger.calls.count > 1)
        #expect(fake.ledger.applied.isEmpty)
        // The attempt before may have done it.
        fake.ledger.state.update {
            $0.script.insert(.fail(Self.broken, applied: true), at: 0)
        }
        let unknown = try await bank.transfer(Body.transfer(), timeout: "5S")
        #expect(try unknown.problem.code == .outcomeUnknown)
    }

    /// The retry budget is for what certainly did nothing.
    @Test(.bank) func aLostWriteIsAskedForWhateverTheBudgetSays() async throws {
        while bank.balances.budget.recordFailure() {}
        fake.ledger.script = [
            .fail(Self.broken, applied: false), .fail(Self.broken, applied: true),
        ]
        let answer = try await bank.transfer(Body.transfer())
        #expect(answer.status == 200)
        #expect(fake.ledger.calls.count == 3)
        while bank.balances.budget.recordFailure() {}
        fake.ledger.script = [.failGroups(.outcomeUnknown, applied: true)]
        #expect(try await bank.transfer(Body.transfer()).status == 200)
    }

    @Test(.bank) func aServiceThatShutsDownDidNothing() async throws {
        fake.ledger.script = [.fail(Self.reason(.shuttingDown), applied: false)]
        // The second attempt finds nobody ready.
        let answer = try await bank.transfer(Body.transfer())
        #expect(try answer.problem.code == .balanceServiceUnavailable)
    }

    @Test(.bank) func aDatabaseThatIsNotThereDidNothing() async throws {
        fake.ledger.script = [.fail(Self.reason(.databaseUnavailable), applied: false)]
        // By itself; and the second attempt finds nobody ready.
        let answer = try await bank.transfer(Body.transfer())
        #expect(try answer.problem.code == .databaseUnavailable)
        #expect(answer["retry-after"] == "1")
        #expect(fake.ledger.applied.isEmpty)
    }

    @Test(.bank { $0.writeBatchesInFlight = 1 })
    func aDeadlineThatPassesWhileItIsUnderWayIsUnknown() async throws {
        fake.hold()
        let (sent, waiting) = (Body.newID(), Body.newID())
        async let first = bank.transfer(Body.transfer(sent), timeout: "5S")
        try await eventually { fake.ledger.calls.count == 1 }
        // Behind it, and so never sent.
        let second = try await bank.transfer(Body.transfer(waiting), timeout: "100m")
        #expect(try second.problem.code == .deadlineExceeded)
        #expect(try await first.problem.code == .outcomeUnknown)
        #expect(try await first.status == 504)
        fake.release()
        try await eventually { fake.ledger.applied.count == 1 }
        let third = try await bank.transfer(Body.transfer())
        #expect(third.status == 200)
        let ids = fake.ledger.calls.flatMap(\.groups).flatMap(\.transfers).map(\.id)
        #expect(!ids.contains { Array($0) == waiting.bytes })
    }

    @Test(.bank(services: 0)) func withNobodyThereNothingWasDone() async throws {
        for (path, body) in [
            ("/v1/transfers", try Body.transfer()),
            ("/v1/accounts/\(FakeBalances.known)/close", #"{"id":"\#(Body.newID())"}"#),
        ] {
            let problem = try await bank.post(path, body).problem
            #expect(problem.code == .balanceServiceUnavailable)
        }
    }

    @Test(.bank) func accountsFollowTheSameRule() async throws {
        let body = #"{"id":"\#(Body.newID())","name":"Ann","currency":"USD"}"#
        fake.ledger.script = [.fail(Self.lost, applied: true)]
        let again = try await bank.post("/v1/accounts", body)
        #expect(again.status == 200)
        #expect(fake.ledger.opened.count == 2)
        fake.ledger.script = [.failGroups(.deadlineExceeded, applied: false)]
        let late = try await bank.post("/v1/accounts", body).problem
        #expect(late.code == .deadlineExceeded)
        fake.ledger.script = [
            .failGroups(.outcomeUnknown, applied: true),
            .failGroups(.deadlineExceeded, applied: false),
        ]
        let unknown = try await bank.post("/v1/accounts", body).problem
        #expect(unknown.code == .outcomeUnknown)
        fake.hold()
        let hung = try await bank.post("/v1/accounts", body, timeout: "5S").problem
        #expect(hung.code == .outcomeUnknown)
        fake.release()
    }
}
