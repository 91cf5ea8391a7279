import BankAPI
import Foundation
import TestSupport
import Testing

extension ChainTests {
    @Suite(.timeLimit(.minutes(3)))
    struct ShutdownTests {
        /// Whoever was accepted is answered; new callers are turned away by the system.
        @Test func theBankServerAnswersWhatItAccepted() async throws {
            try await ChainHarness.with(services: 2) { chain async throws in
                let (status, tally) = try await Load.run(chain) { load async throws in
                    #expect(try await load.waitForAnswers(300))
                    chain.bank.process.send(SIGTERM)
                    return try await chain.bank.process.waitForExit(within: .seconds(20))
                }
                #expect(status == 0)
                #expect(tally.failures == [])
                #expect(tally.answered >= 300)
                // Each of the readers ended at a closed door.
                #expect(tally.notAccepted == 16)
            }
        }

        @Test func theBalanceServiceEndsCleanly() async throws {
            try await ChainHarness.with { chain async throws in
                chain.services[0].process.send(SIGTERM)
                #expect(try await chain.services[0].process.waitForExit(within: .seconds(20)) == 0)
                let isOut = try await eventually { try await chain.readiness().status == 503 }
                #expect(isOut)
                let answer = try await chain.get(ChainHarness.balancePath)
                #expect(answer.status == 503)
                #expect(answer.problemCode == "balance_service_unavailable")
            }
        }

        /// With a call that does not end, the first signal waits and the second does not.
        @Test func aSecondSignalEndsAtOnce() async throws {
            try await ChainHarness.with { chain async throws in
                try await whileAccountsAreLocked(chain.database) { () async throws in
                    async let stuck = KeepAliveClient.get(
                        ChainHarness.balancePath, headers: ["grpc-timeout": "30S"],
                        from: chain.bank.address)
                    #expect(try await waitForBlocked(chain.database))
                    for tier in [chain.bank, chain.services[0]] {
                        tier.process.send(SIGTERM)
                        let isDraining = try await eventually {
                            tier.process.output.contains("draining")
                        }
                        #expect(isDraining)
                        #expect(tier.process.exitStatus == nil)
                        let start = ContinuousClock.now
                        tier.process.send(SIGTERM)
                        #expect(try await tier.process.waitForExit(within: .seconds(8)) == 1)
                        #expect(start.duration(to: .now) < .seconds(8))
                    }
                    _ = try await stuck
                }
            }
        }
    }
}
