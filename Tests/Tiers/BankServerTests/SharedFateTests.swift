import BankAPI
import Chain
import NIOHTTP1
import Synchronization
import Testing

@testable import BankServer
@testable import Chain

/// What one caller asks, or how much many ask, costs no other caller the balance service.
@Suite(.timeLimit(.minutes(3)))
struct SharedFateTests {
    /// Whatever else goes on on the machine, their deadline is no reason to fail.
    private static let patient: HTTPHeaders = ["grpc-timeout": "60S"]

    /// Ask for a balance and make a transfer, again and again.
    ///
    /// - Returns: What was answered otherwise than with 200, and how often somebody was not ready.
    private func ordinaryCallers(
        of bank: TestBank, services: Int, writing: Bool, until isDone: Flag
    ) async throws -> [String] {
        try await withThrowingTaskGroup(of: [String].self) { group in
            for _ in 0..<3 {
                group.addTask {
                    var failures: [String] = []
                    while !isDone.isRaised {
                        let read = try await bank.balance(headers: Self.patient)
                        if read.status != 200 { failures.append("read: \(read.text)") }
                        if writing {
                            let write = try await bank.transfer(
                                Body.transfer(), headers: Self.patient)
                            if write.status != 200 { failures.append("write: \(write.text)") }
                        }
                        let ready = try await bank.readyServices()
                        if ready != services { failures.append("\(ready) are ready") }
                        try await Task.sleep(for: .milliseconds(10))
                    }
                    return failures
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    /// Runs ordinary callers beside `others`, and expects that none of them fails.
    private func expectNoFailure(
        _ fakes: [FakeBalances], writing: Bool = true,
        configure: @escaping @Sendable (inout AppConfiguration) -> Void = { _ in },
        beside others: @escaping @Sendable (TestBank) async throws -> Void
    ) async throws {
        try await serve(fakes[...], []) { addresses in
            try await TestBank.run(addresses, configure: configure) { bank in
                try await eventually { try await bank.readyServices() == fakes.count }
                let isDone = Flag()
                async let failures = ordinaryCallers(
                    of: bank, services: fakes.count, writing: writing, until: isDone)
                do {
                    try await others(bank)
                } catch {
                    isDone.raise()
                    _ = try await failures
                    throw error
                }
                isDone.raise()
                let found = try await failures
                #expect(found == [])
            }
        }
    }

    private func serve(
        _ fakes: ArraySlice<FakeBalances>, _ addresses: [HostAndPort],
        _ body: @escaping @Sendable ([HostAndPort]) async throws -> Void
    ) async throws {
        guard let fake = fakes.first else { return try await body(addresses) }
        try await fake.serve { address in
            try await serve(fakes.dropFirst(), addresses + [address], body)
        }
    }

    /// Enough of them to lose the connection, were each to reset its stream.
    @Test(arguments: ["GetStatement", "ListAccounts"])
    func aDeadlineThatPassesCostsOnlyItsCaller(rpc: String) async throws {
        let path =
            rpc == "ListAccounts"
            ? "/v1/accounts" : "/v1/accounts/\(FakeBalances.known)/statement"
        let fake = FakeBalances()
        fake.pause(rpc, for: .milliseconds(300))
        try await expectNoFailure([fake]) { bank in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<40 {
                    group.addTask {
                        for _ in 0..<7 {
                            let answer = try await bank.get(path, headers: ["grpc-timeout": "50m"])
                            #expect(try answer.problem.code == .deadlineExceeded)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    /// A database that is slow to notice that nobody waits any more: longer than any of its callers.
    @Test func aBatchWhoseCallersHaveLeftCostsNoOther() async throws {
        let fake = FakeBalances()
        try await expectNoFailure([fake]) { bank in
            fake.pause("GetBalances", for: .milliseconds(1500))
            for _ in 0..<3 {
                let answer = try await bank.balance(headers: ["grpc-timeout": "50m"])
                #expect(try answer.problem.code == .deadlineExceeded)
                try await Task.sleep(for: .milliseconds(500))
            }
        }
    }

    /// A probe that is late says nothing while other answers come.
    @Test func aServiceThatAnswersIsNotLeftOutForALateProbe() async throws {
        let fake = FakeBalances()
        try await expectNoFailure([fake]) { bank in
            fake.pause("Check", for: .seconds(6))
            try await Task.sleep(for: .seconds(6))
        }
    }

    @Test func aServiceFromWhichNothingComesIsLeftOut() async throws {
        let fake = FakeBalances()
        try await fake.serve { address in
            try await TestBank.run([address]) { bank in
                fake.pause("Check", for: .seconds(60))
                fake.hold()
                async let read = bank.balance(headers: ["grpc-timeout": "20S"])
                try await bank.waitUntilReady(false)
                // Not at its deadline: it is known that nobody is there.
                #expect(try await read.problem.code == .balanceServiceUnavailable)
                fake.pause("Check", for: .zero)
                fake.release()
                try await bank.waitUntilReady()
            }
        }
    }

    /// More full batches than the bank takes: refused as a whole, and nobody else is harmed.
    @Test func moreBatchesThanItTakes() async throws {
        let ledger = FakeLedger()
        let fakes = [FakeBalances(ledger: ledger), FakeBalances(ledger: ledger)]
        for fake in fakes { fake.pause("SubmitTransfers", for: .milliseconds(200)) }
        let isRefused = Flag()
        try await expectNoFailure(fakes, writing: false) {
            $0.waitingTransfers = 1000
            $0.transfersPerBatch = 500
        } beside: { bank in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<16 {
                    group.addTask {
                        for _ in 0..<3 {
                            let body = try Body.batch(
                                (0..<500).map { _ in Body.newID() }, atomic: false)
                            let answer = try await bank.post(
                                "/v1/transfers/batch", body, headers: Self.patient)
                            if answer.status == 503 {
                                #expect(answer.headers.first(name: "retry-after") == "1")
                                #expect(try answer.problem.code == .overloaded)
                                isRefused.raise()
                            } else {
                                let lines = try answer.decode(TransferBatchAnswer.self).outcomes
                                #expect(lines.contains { $0.problem == nil })
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        #expect(isRefused.isRaised)
    }
}

/// Whether something is over.
final class Flag: Sendable {
    private let value = Atomic(false)

    var isRaised: Bool { value.load(ordering: .relaxed) }

    func raise() { value.store(true, ordering: .relaxed) }
}
