import BalanceAPI
import BankAPI
import Chain
import GRPCCore
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle
import Testing

@testable import BalanceClient
@testable import BankServer

@Suite struct FailoverTests {
    @Test func noReadFailsWhenOneOfTwoServicesDies() async throws {
        let (lasting, dying) = (FakeBalances(), FakeBalances())
        try await withTwo(lasting, dying) { bank, wire in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        for _ in 0..<40 {
                            let status = try await bank.balance().status
                            #expect(status == 200)
                        }
                    }
                }
                try await dying.waitForCalls(3)
                try await wire.cut()
                try await group.waitForAll()
            }
            try await eventually { try await bank.readyServices() == 1 }
            try await wire.restore()
            try await eventually { try await bank.readyServices() == 2 }
        }
        #expect(!lasting.calls.isEmpty)
    }

    @Test func callsOnTheirWayToADeadServiceAreMadeAgain() async throws {
        let (lasting, dying) = (FakeBalances(), FakeBalances())
        try await withTwo(lasting, dying) { bank, wire in
            dying.hold()
            // One after another, until one has gone to each.
            try await withThrowingTaskGroup(of: Int.self) { group in
                while dying.calls.isEmpty {
                    let before = lasting.calls.count + dying.calls.count
                    group.addTask {
                        try await bank.balance(headers: ["grpc-timeout": "30S"]).status
                    }
                    try await eventually { lasting.calls.count + dying.calls.count > before }
                }
                try await wire.cut()
                for try await status in group { #expect(status == 200) }
            }
        }
    }

    /// Statements, which are in no batch.
    @Test(arguments: [true, false])
    func aSingleReadOnItsWayToADeadServiceIsMadeAgain(hangs: Bool) async throws {
        let (lasting, dying) = (FakeBalances(), FakeBalances())
        try await withTwo(lasting, dying) { bank, wire in
            dying.pause("GetStatement", for: .seconds(60))
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        try await bank.get(
                            "/v1/accounts/\(FakeBalances.known)/statement",
                            headers: ["grpc-timeout": "30S"]
                        ).status
                    }
                }
                try await eventually { !dying.pausing.isEmpty }
                if hangs {
                    dying.pause("Check", for: .seconds(60))
                } else {
                    try await wire.cut()
                }
                for try await status in group { #expect(status == 200) }
            }
            for rpc in ["GetStatement", "Check"] { dying.pause(rpc, for: .zero) }
        }
    }

    /// Nothing comes from the connection of the calls that are in no batch.
    @Test func aSingleCallThatGoesFarPastItsDeadlineEndsTheSession() async throws {
        let fake = FakeBalances()
        try await fake.serve { address in
            try await TestBank.run([address]) { bank in
                let first = try bank.balances.directory.next().calls
                fake.hold()
                let list = try await bank.get("/v1/accounts", headers: ["grpc-timeout": "50m"])
                #expect(try list.problem.code == .deadlineExceeded)
                try await eventually {
                    guard let now = try? bank.balances.directory.next() else { return false }
                    return now.calls !== first
                }
                fake.release()
                #expect(try await bank.get("/v1/accounts").status == 200)
            }
        }
    }

    /// Runs a bank with two services, the second one at the end of a wire.
    private func withTwo(
        _ first: FakeBalances, _ second: FakeBalances,
        _ body: @escaping @Sendable (TestBank, Wire) async throws -> Void
    ) async throws {
        try await first.serve { firstAddress in
            try await second.serve { secondAddress in
                try await Wire.run(to: secondAddress) { wire in
                    try await TestBank.run([firstAddress, wire.address]) { bank in
                        try await eventually { try await bank.readyServices() == 2 }
                        try await body(bank, wire)
                        second.release()
                    }
                }
            }
        }
    }

    @Test func withNobodyThereItSaysSoAtOnceAndComesBack() async throws {
        let fake = FakeBalances()
        try await fake.serve { address in
            try await Wire.run(to: address) { wire in
                try await wire.cut()
                try await TestBank.run([wire.address], ready: false) { bank in
                    let start = ContinuousClock.now
                    let refused = try await bank.balance(headers: ["grpc-timeout": "60S"])
                    #expect(ContinuousClock.now - start < .seconds(30))
                    #expect(try refused.problem.code == .balanceServiceUnavailable)
                    #expect(refused.headers.first(name: "retry-after") == "1")
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

    @Test func aServiceWithoutItsDatabaseIsLeftOut() async throws {
        let fake = FakeBalances()
        try await fake.serve { address in
            try await TestBank.run([address]) { bank in
                fake.setServing(false)
                try await bank.waitUntilReady(false)
                let problem = try await bank.balance().problem
                #expect(problem.code == .databaseUnavailable)
                #expect(problem.tier == .postgreSQL)
                fake.setServing(true)
                try await bank.waitUntilReady()
                #expect(try await bank.balance().status == 200)
            }
        }
    }

    @Test func aServerThatAcceptsAndNeverAnswersIsNotReady() async throws {
        let silent = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let address = HostAndPort(host: "127.0.0.1", port: silent.localAddress?.port ?? 0)
        try await TestBank.run([address], ready: false) { bank in
            let start = ContinuousClock.now
            let problem = try await bank.balance(headers: ["grpc-timeout": "60S"]).problem
            #expect(problem.code == .balanceServiceUnavailable)
            #expect(ContinuousClock.now - start < .seconds(30))
        }
        try await silent.close()
    }
}

@Suite struct DrainTests {
    @Test func aRequestOnItsWayIsAnsweredAndItsConnectionClosed() async throws {
        let fake = FakeBalances()
        try await fake.serve { address in
            try await TestBank.run([address]) { bank in
                fake.hold()
                async let answer = bank.balance(headers: ["grpc-timeout": "20S"])
                try await fake.waitForCalls(1)
                await bank.services.triggerGracefulShutdown()
                try await eventually {
                    await ReadinessProbe(server: bank.address).isReady() == false
                }
                fake.release()
                #expect(try await answer.status == 200)
                #expect(try await answer.headers.first(name: "connection") == "close")
            }
        }
    }
}

extension TestBank {
    func readyServices() async throws -> Int {
        let readiness = try await get("/readyz").decode(Readiness.self)
        return readiness.balanceServices.count { $0.status == "ready" }
    }
}
