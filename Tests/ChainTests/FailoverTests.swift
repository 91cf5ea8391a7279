import BankAPI
import Chain
import Foundation
import TestSupport
import Testing

extension ChainTests {
    /// Two balance services, one of which goes.
    @Suite(.timeLimit(.minutes(3)))
    struct FailoverTests {
        private func expectNoFailure(_ tally: Load.Tally) {
            #expect(tally.failures == [])
            #expect(tally.turnedAway == 0)
            #expect(tally.done > 200)
        }

        /// No read fails, and the service is used again when it is back.
        /// A socket's file stays, and is the next one's.
        @Test(arguments: [false, true]) func oneIsKilled(onSockets: Bool) async throws {
            try await ChainHarness.with(services: 2, onSockets: onSockets) { chain async throws in
                let victim = chain.services[0]
                let (_, tally) = try await Load.run(on: chain.bank.address, readers) {
                    load async throws in
                    try await load.waitForAnswers(200)
                    victim.process.send(SIGKILL)
                    try await load.waitForAnswers(400)
                    try await chain.waitUntilReady(1)
                    let again = try await ChainHarness.startService(
                        database: chain.database, chain.folder, "again", at: victim.address)
                    defer { again.process.stop() }
                    try await chain.waitUntilReady(2)
                    try await load.waitForAnswers(200)
                    try await eventually { try await Self.isUsed(again, chain) }
                }
                expectNoFailure(tally)
            }
        }

        /// Asks until the service's log shows a read of a sampled trace.
        private static func isUsed(_ service: ChainHarness.Tier, _ chain: ChainHarness) async throws
            -> Bool
        {
            _ = try await chain.teller("balance", try account(17), "--explain")
            return service.process.output.contains("balance read")
        }

        @Test func oneIsTerminated() async throws {
            try await ChainHarness.with(services: 2) { chain async throws in
                let (status, tally) = try await Load.run(on: chain.bank.address, readers) {
                    load async throws in
                    try await load.waitForAnswers(200)
                    chain.services[1].process.send(SIGTERM)
                    let status = try await chain.services[1].process.waitForExit(
                        within: .seconds(20))
                    try await load.waitForAnswers(200)
                    return status
                }
                #expect(status == 0)
                expectNoFailure(tally)
            }
        }

        /// One that hangs costs those whose call it has, and nobody else.
        @Test func oneHangs() async throws {
            try await ChainHarness.with(services: 2) { chain async throws in
                chain.services[0].process.send(SIGSTOP)
                let start = ContinuousClock.now
                try await eventually {
                    _ = try await chain.get(ChainHarness.balancePath, timeout: .milliseconds(500))
                    return try await chain.readiness().readiness.balanceServices
                        .filter { $0.status == "ready" }.count == 1
                }
                #expect(start.duration(to: .now) < .seconds(20))
                for _ in 0..<20 {
                    #expect(try await chain.get(ChainHarness.balancePath).status == 200)
                }
                chain.services[0].process.send(SIGCONT)
                try await chain.waitUntilReady(2)
            }
        }
    }
}
