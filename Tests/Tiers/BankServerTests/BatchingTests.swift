import BalanceAPI
import BankAPI
import Chain
import GRPCCore
import GRPCProtobuf
import Ledger
import NIOHTTP1
import Testing

@testable import BankServer

@Suite struct BatchingTests {
    @Test(.bank { $0.batchesInFlight = 1 })
    func concurrentCallersShareCallsAndGetTheirOwnAnswers() async throws {
        fake.hold()
        let numbers = try (100..<150).map {
            try AccountNumber(bank: "DEMO", number: $0).compact
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in numbers {
                group.addTask {
                    let answer = try await bank.balance(number)
                    #expect(answer.text.contains("\"account\":\"\(number)\""))
                }
            }
            // The rest gathers behind the first call.
            try await bank.waitForReads(50)
            fake.release()
            try await group.waitForAll()
        }
        #expect(fake.calls.flatMap(\.queries).map(\.account).sorted() == numbers.sorted())
        #expect(fake.calls.count == 2)
    }

    @Test(.bank) func oneMembersDeadlineHurtsNoOther() async throws {
        fake.hold()
        async let patient = bank.balance()
        let hasty = try await bank.balance(timeout: "50m")
        #expect(hasty.status == 504)
        #expect(try hasty.problem.code == .deadlineExceeded)
        fake.release()
        #expect(try await patient.status == 200)
    }

    @Test(.bank) func eachMemberSendsWhatIsLeftOfItsTime() async throws {
        _ = try await bank.balance()
        let call = try #require(fake.calls.last)
        let timeout = try #require(call.queries.first?.context.timeoutMicroseconds)
        #expect((1...60_000_000).contains(timeout))
    }

    @Test(.bank { $0.maxInFlight = 2 }) func pastTheLimitOfRequestsItSaysSoAtOnce() async throws {
        fake.hold()
        async let first = bank.balance()
        async let second = bank.balance()
        try await bank.waitForReads(2)
        let refused = try await bank.balance()
        #expect(try refused.problem.code == .overloaded)
        #expect(refused["retry-after"] == "1")
        // Those who run the server can still ask how it is.
        #expect(try await bank.get("/healthz").status == 200)
        fake.release()
        #expect(try await first.status == 200)
        #expect(try await second.status == 200)
    }
}

@Suite struct HopErrorTests {
    static let cases: [(RPCError, ProblemCode, ProblemTier)] = [
        (RPCError(code: .deadlineExceeded, message: "secret"), .deadlineExceeded, .balanceService),
        (RPCError(code: .resourceExhausted, message: "secret"), .overloaded, .balanceService),
        (RPCError(code: .unknown, message: "secret"), .internal, .balanceService),
        (RPCError(code: .invalidArgument, message: "secret"), .internal, .balanceService),
        (
            RPCError(
                GoogleRPCStatus(
                    code: .unavailable, message: "secret",
                    details: .errorInfo(reason: "DATABASE_UNAVAILABLE", domain: "teller"))),
            .databaseUnavailable, .postgreSQL
        ),
    ]

    @Test(.bank) func everyFailureOfHop2IsAProblemThatKeepsItsSecrets() async throws {
        for (error, code, tier) in Self.cases {
            try await bank.waitUntilReady()
            fake.failure = error
            for path in ["/v1/accounts/\(FakeBalances.known)", "/v1/accounts"] {
                let answer = try await bank.get(path)
                let problem = try answer.problem
                #expect(problem.code == code)
                #expect(problem.tier == tier)
                #expect(!answer.text.contains("secret"))
                #expect((answer["retry-after"] != nil) == (answer.status == 503))
            }
            fake.failure = nil
        }
    }

    @Test(.bank) func aBreachOfTheContractIsNotTheCallersFault() async throws {
        fake.isCorrupt = true
        let read = try await bank.balance().problem
        #expect(read.code == .internal)
        let list = try await bank.get("/v1/accounts").problem
        #expect(list.code == .internal)
        fake.outcomeCount = 0
        let short = try await bank.balance().problem
        #expect(short.code == .internal)
    }
}
