import BankAPI
import Foundation
import Ledger
import TestSupport
import Testing

extension ChainTests {
    @Suite(.timeLimit(.minutes(3)))
    struct ShutdownTests {
        /// Whoever was accepted is answered; new callers are turned away by the system.
        @Test func theBankServerAnswersWhatItAccepted() async throws {
            try await ChainHarness.with(services: 2) { chain async throws in
                let (status, tally) = try await Load.run(on: chain.bank.address, readers) {
                    load async throws in
                    try await load.waitForAnswers(300)
                    chain.bank.process.send(SIGTERM)
                    return try await chain.bank.process.waitForExit(within: .seconds(20))
                }
                #expect(status == 0)
                #expect(tally.failures == [])
                #expect(tally.done >= 300)
                // Each of the readers ended at a closed door.
                #expect(tally.turnedAway == 16)
            }
        }

        @Test func theBalanceServiceEndsCleanly() async throws {
            try await ChainHarness.with { chain async throws in
                chain.services[0].process.send(SIGTERM)
                #expect(try await chain.services[0].process.waitForExit(within: .seconds(20)) == 0)
                try await eventually { try await chain.readiness().status == 503 }
                // At first it only knows that the service says it does not serve.
                try await eventually {
                    let answer = try await chain.get(ChainHarness.balancePath)
                    #expect(answer.status == 503)
                    return answer.problemCode == "balance_service_unavailable"
                }
            }
        }

        /// The only balance service drains: what it was asked before, it answers through the bank.
        @Test func theBalanceServiceAnswersWhatItWasAsked() async throws {
            try await ChainHarness.with { chain async throws in
                let accounts = try [17, 18].map { try AccountNumber(bank: "DEMO", number: $0) }
                let transfer = Submission(requests: [
                    TransferRequest(
                        id: Identifier(high: 1, low: 1),
                        action: .transfer(
                            debit: accounts[0], credit: accounts[1],
                            amount: Money(minorUnits: 1, currency: .usd)))
                ])
                let opening = """
                    {"id":"\(Identifier(high: 1, low: 2))","name":"Zoe","currency":"USD"}
                    """
                let requests: [(method: String, path: String, body: [UInt8])] = [
                    ("GET", "/v1/accounts/\(accounts[0].compact)/statement", []),
                    ("GET", BankRoute.audit, []),
                    ("POST", transfer.path, try transfer.body()),
                    ("POST", BankRoute.accounts, Array(opening.utf8)),
                ]
                try await withThrowingTaskGroup(of: Reply.self) { group in
                    try await whileAccountsAreLocked(chain.database) { () async throws in
                        for request in requests {
                            group.addTask {
                                var connection = BankConnection(chain.bank.address)
                                defer { connection.close() }
                                return await connection.send(
                                    request.method, request.path, body: request.body,
                                    timeout: .seconds(25))
                            }
                        }
                        try await waitForBlocked(chain.database, atLeast: 4)
                        chain.services[0].process.send(SIGTERM)
                        try await eventually {
                            try await chain.readiness().status == 503
                        }
                        // Past the notice: the service takes no new call.
                        try await Task.sleep(for: .milliseconds(1500))
                        #expect(chain.services[0].process.exitStatus == nil)
                    }
                    for try await reply in group {
                        guard case .answered(let answer) = reply, 200...201 ~= answer.status
                        else {
                            Issue.record("\(reply)")
                            continue
                        }
                    }
                }
                #expect(try await chain.services[0].process.waitForExit(within: .seconds(20)) == 0)
            }
        }

        /// With a call that does not end, the first signal waits and the second does not.
        @Test func aSecondSignalEndsAtOnce() async throws {
            try await ChainHarness.with { chain async throws in
                try await whileAccountsAreLocked(chain.database) { () async throws in
                    async let stuck = chain.get(ChainHarness.balancePath, timeout: .seconds(30))
                    try await waitForBlocked(chain.database)
                    for tier in [chain.bank, chain.services[0]] {
                        tier.process.send(SIGTERM)
                        try await eventually {
                            tier.process.output.contains("draining")
                        }
                        #expect(tier.process.exitStatus == nil)
                        let start = ContinuousClock.now
                        tier.process.send(SIGTERM)
                        #expect(try await tier.process.waitForExit(within: .seconds(8)) == 1)
                        #expect(start.duration(to: .now) < .seconds(8))
                    }
                    _ = try? await stuck
                }
            }
        }
    }
}
