import BankAPI
import Chain
import NIOCore
import NIOPosix
import NIOHTTP1
import GRPCCore
import ServiceLifecycle
import Testing

@testable import BankServer

@Suite struct FailoverTests {
    @Test func noReadFailsWhenOneOfTwoServicesDies() async throws {
        let (lasting, dying) = (FakeBalances(), FakeBalances())
        try await lasting.serve { lastingAddress in
            let (addresses, started) = AsyncStream.makeStream(of: HostAndPort.self)
            let death = Task {
                try await dying.serve { address in
                    started.yield(address)
                    try await Task.sleep(for: .seconds(60))
                }
            }
            defer { death.cancel() }
            let dyingAddress = try #require(await addresses.first { _ in true })
            try await TestBank.run([lastingAddress, dyingAddress]) { bank in
                try await eventually { try await bank.readyServices() == 2 }
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
                    death.cancel()
                    try await group.waitForAll()
                }
                try await eventually { try await bank.readyServices() == 1 }
                #expect(lasting.calls.count > 0)
            }
        }
    }

    @Test func callsOnTheirWayToADeadServiceAreMadeAgain() async throws {
        let (lasting, dying) = (FakeBalances(), FakeBalances())
        lasting.hold()
        dying.hold()
        try await lasting.serve { lastingAddress in
            let (addresses, started) = AsyncStream.makeStream(of: HostAndPort.self)
            let death = Task {
                try await dying.serve { address in
                    started.yield(address)
                    try await Task.sleep(for: .seconds(60))
                }
            }
            defer { death.cancel() }
            let dyingAddress = try #require(await addresses.first { _ in true })
            try await TestBank.run([lastingAddress, dyingAddress]) { $0.batchesInFlight = 1 } _: {
                bank in
                try await eventually { try await bank.readyServices() == 2 }
                async let first = bank.balance(headers: ["grpc-timeout": "30S"])
                async let second = bank.balance(headers: ["grpc-timeout": "30S"])
                try await dying.waitForCalls(1)
                dying.fail(with: .init(code: .unavailable, message: "dying"))
                death.cancel()
                dying.release()
                lasting.release()
                #expect(try await first.status == 200)
                #expect(try await second.status == 200)
            }
        }
    }

    @Test func withNobodyThereItSaysSoAtOnceAndComesBack() async throws {
        let fake = FakeBalances()
        let address = try await fake.serve { address in
            try await TestBank.run([address]) { bank in
                let status = try await bank.balance().status
                #expect(status == 200)
            }
            return address
        }
        try await TestBank.run([address], ready: false) { bank in
            let start = ContinuousClock.now
            let refused = try await bank.balance(headers: ["grpc-timeout": "20S"])
            #expect(ContinuousClock.now - start < .seconds(5))
            #expect(try refused.problem.code == .balanceServiceUnavailable)
            #expect(refused.headers.first(name: "retry-after") == "1")
            #expect(try await bank.get("/v1/accounts").problem.code == .balanceServiceUnavailable)
            #expect(try await bank.get("/readyz").status == 503)
            let isReady = await ReadinessProbe(server: bank.address).isReady()
            #expect(!isReady)
            try await fake.serve(port: address.port) { _ in
                try await bank.waitUntilReady()
                #expect(try await bank.balance().status == 200)
            }
            try await bank.waitUntilReady(false)
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
            let problem = try await bank.balance().problem
            #expect(problem.code == .balanceServiceUnavailable)
            #expect(ContinuousClock.now - start < .seconds(4))
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
                try await eventually { await ReadinessProbe(server: bank.address).isReady() == false }
                fake.release()
                #expect(try await answer.status == 200)
                #expect(try await answer.headers.first(name: "connection") == "close")
            }
        }
    }
}

extension TestBank {
    func readyServices() async throws -> Int {
        try await get("/readyz").text.components(separatedBy: "\"status\":\"ready\"}").count - 1
    }
}

extension String {
    fileprivate func components(separatedBy separator: String) -> [Substring] {
        split(separator: separator, omittingEmptySubsequences: false)
    }
}
