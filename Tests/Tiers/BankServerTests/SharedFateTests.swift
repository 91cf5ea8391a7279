import BankAPI
import Chain
import NIOHTTP1
import TestSupport
import Testing

@testable import BankServer
@testable import Chain

/// What one caller asks, or how much many ask, costs no other caller the balance service.
@Suite(.timeLimit(.minutes(5)))
struct SharedFateTests {
    /// Ask for a balance and make a transfer, again and again. Whatever else goes on on the machine,
    /// their deadline is no reason to fail.
    ///
    /// - Returns: What was answered otherwise than with 200, and how often somebody was not ready.
    private func ordinaryCallers(writing: Bool, until isDone: Flag) async throws -> [String] {
        try await withThrowingTaskGroup(of: [String].self) { group in
            for _ in 0..<3 {
                group.addTask {
                    var failures: [String] = []
                    while !isDone.isRaised {
                        let read = try await bank.balance()
                        if read.status != 200 { failures.append("read: \(read.text)") }
                        if writing {
                            let write = try await bank.transfer(Body.transfer())
                            if write.status != 200 { failures.append("write: \(write.text)") }
                        }
                        let ready = bank.readyServices()
                        if ready != fakes.count { failures.append("\(ready) are ready") }
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
        writing: Bool = true, beside others: @Sendable () async throws -> Void
    ) async throws {
        let isDone = Flag()
        async let failures = ordinaryCallers(writing: writing, until: isDone)
        let result: Result<Void, any Error>
        do {
            result = .success(try await others())
        } catch {
            result = .failure(error)
        }
        isDone.raise()
        let found = try await failures
        #expect(found == [])
        try result.get()
    }

    /// Enough of them to lose the connection, were each to reset its stream.
    @Test(.bank, arguments: ["GetStatement", "ListAccounts"])
    func aDeadlineThatPassesCostsOnlyItsCaller(rpc: String) async throws {
        let path =
            rpc == "ListAccounts"
            ? "/v1/accounts" : "/v1/accounts/\(FakeBalances.known)/statement"
        fake.pauses[rpc] = .milliseconds(300)
        try await expectNoFailure {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<40 {
                    group.addTask {
                        for _ in 0..<7 {
                            let answer = try await bank.get(path, timeout: "50m")
                            #expect(try answer.problem.code == .deadlineExceeded)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    /// A database that is slow to notice that nobody waits any more: longer than any of its callers.
    @Test(.bank) func aBatchWhoseCallersHaveLeftCostsNoOther() async throws {
        try await expectNoFailure {
            fake.pauses["GetBalances"] = .milliseconds(1500)
            for _ in 0..<3 {
                let answer = try await bank.balance(timeout: "50m")
                #expect(try answer.problem.code == .deadlineExceeded)
                try await Task.sleep(for: .milliseconds(500))
            }
        }
    }

    /// A probe that is late says nothing while other answers come.
    @Test(.bank) func aServiceThatAnswersIsNotLeftOutForALateProbe() async throws {
        try await expectNoFailure {
            fake.pauses["Check"] = .seconds(6)
            try await Task.sleep(for: .seconds(6))
        }
    }

    @Test(.bank) func aServiceFromWhichNothingComesIsLeftOut() async throws {
        fake.pauses["Check"] = .seconds(60)
        fake.hold()
        async let read = bank.balance()
        try await bank.waitUntilReady(false)
        // Not at its deadline: it is known that nobody is there.
        #expect(try await read.problem.code == .balanceServiceUnavailable)
        fake.pauses["Check"] = .zero
        fake.release()
        try await bank.waitUntilReady()
    }

    /// More full batches than the bank takes: refused as a whole, and nobody else is harmed.
    @Test(
        .bank(services: 2) {
            $0.waitingTransfers = 1000
            $0.transfersPerBatch = 500
        })
    func moreBatchesThanItTakes() async throws {
        for fake in fakes { fake.pauses["SubmitTransfers"] = .seconds(600) }
        let isRefused = Flag()
        try await expectNoFailure(writing: false) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    defer { for fake in fakes { fake.pauses = [:] } }
                    try await eventually { isRefused.isRaised }
                }
                for _ in 0..<16 {
                    group.addTask {
                        for _ in 0..<3 {
                            let ids = (0..<500).map { _ in Body.newID() }
                            let answer = try await bank.batch(ids, timeout: "100S")
                            guard answer.status == 200 else {
                                #expect(answer["retry-after"] == "1", "\(answer.text)")
                                #expect(try answer.problem.code == .overloaded)
                                isRefused.raise()
                                continue
                            }
                            let lines = try answer.decode(TransferBatchAnswer.self).outcomes
                            #expect(lines.contains { $0.problem == nil })
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
