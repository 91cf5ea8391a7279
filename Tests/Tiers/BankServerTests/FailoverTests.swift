import BalanceAPI
import BankAPI
import Chain
import GRPCCore
import NIOCore
import NIOPosix
import ServiceLifecycle
import TestSupport
import Testing

@testable import BalanceClient
@testable import BankServer

@Suite struct FailoverTests {
    @Test(.bank(services: 2, wired: true)) func noReadFailsWhenOneOfTwoServicesDies() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<40 {
                        let status = try await bank.balance().status
                        #expect(status == 200)
                    }
                }
            }
            try await eventually { fakes[1].calls.count >= 3 }
            try await wire.cut()
            try await group.waitForAll()
        }
        try await bank.waitUntilReady(services: 1)
        try await wire.restore()
        try await bank.waitUntilReady(services: 2)
        #expect(!fakes[0].calls.isEmpty)
    }

    @Test(.bank(services: 2, wired: true))
    func callsOnTheirWayToADeadServiceAreMadeAgain() async throws {
        let (lasting, dying) = (fakes[0], fakes[1])
        dying.hold()
        // One after another, until one has gone to each.
        try await withThrowingTaskGroup(of: Int.self) { group in
            while dying.calls.isEmpty {
                let before = lasting.calls.count + dying.calls.count
                group.addTask { try await bank.balance().status }
                try await eventually { lasting.calls.count + dying.calls.count > before }
            }
            try await wire.cut()
            for try await status in group { #expect(status == 200) }
        }
    }

    /// Statements, which are in no batch.
    @Test(.bank(services: 2, wired: true), arguments: [true, false])
    func aSingleReadOnItsWayToADeadServiceIsMadeAgain(hangs: Bool) async throws {
        let dying = fakes[1]
        dying.pauses["GetStatement"] = .seconds(60)
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    try await bank.get(
                        "/v1/accounts/\(FakeBalances.known)/statement", timeout: "30S"
                    ).status
                }
            }
            try await eventually { !dying.pausing.isEmpty }
            if hangs {
                dying.pauses["Check"] = .seconds(60)
            } else {
                try await wire.cut()
            }
            for try await status in group { #expect(status == 200) }
        }
        dying.pauses = [:]
    }

    /// Nothing comes from the connection of the calls that are in no batch.
    @Test(.bank) func aSingleCallThatGoesFarPastItsDeadlineEndsTheSession() async throws {
        let first = try bank.balances.directory.next().calls
        fake.hold()
        let list = try await bank.get("/v1/accounts", timeout: "50m")
        #expect(try list.problem.code == .deadlineExceeded)
        try await eventually {
            guard let now = try? bank.balances.directory.next() else { return false }
            return now.calls !== first
        }
        fake.release()
        #expect(try await bank.get("/v1/accounts").status == 200)
    }

    @Test func withNobodyThereItSaysSoAtOnceAndComesBack() async throws {
        try await FakeBalances().serve { address in
            try await Wire.run(to: address) { wire in
                try await wire.cut()
                try await TestBank.run([wire.address], ready: false) { bank in
                    let refused = try await bank.balance()
                    #expect(try refused.problem.code == .balanceServiceUnavailable)
                    #expect(refused["retry-after"] == "1")
                    let list = try await bank.get("/v1/accounts").problem
                    #expect(list.code == .balanceServiceUnavailable)
                    let isReady = await ReadinessProbe(server: bank.address).isReady()
                    #expect(!isReady)
                    try await wire.restore()
                    try await bank.waitUntilReady()
                    let status = try await bank.balance().status
                    #expect(status == 200)
                    try await wire.cut()
                    try await bank.waitUntilReady(false)
                }
            }
        }
    }

    @Test(.bank) func aServiceWithoutItsDatabaseIsLeftOut() async throws {
        fake.isServing = false
        try await bank.waitUntilReady(false)
        let problem = try await bank.balance().problem
        #expect(problem.code == .databaseUnavailable)
        #expect(problem.tier == .postgreSQL)
        fake.isServing = true
        try await bank.waitUntilReady()
        #expect(try await bank.balance().status == 200)
    }

    @Test func aServerThatAcceptsAndNeverAnswersIsNotReady() async throws {
        let silent = try #require(SilentListener())
        let address = HostAndPort(host: "127.0.0.1", port: silent.port)
        try await TestBank.run([address], ready: false) { bank in
            let problem = try await bank.balance().problem
            #expect(problem.code == .balanceServiceUnavailable)
        }
    }
}

@Suite struct DrainTests {
    @Test(.bank) func aRequestOnItsWayIsAnsweredAndItsConnectionClosed() async throws {
        fake.hold()
        async let answer = bank.balance()
        try await eventually { fake.calls.count == 1 }
        await bank.services.triggerGracefulShutdown()
        try await eventually { await !ReadinessProbe(server: bank.address).isReady() }
        fake.release()
        #expect(try await answer.status == 200)
        #expect(try await answer["connection"] == "close")
    }
}
