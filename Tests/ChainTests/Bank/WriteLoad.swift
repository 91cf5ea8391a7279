import Chain
import Foundation
import Ledger
import Synchronization
import TestSupport

/// Callers that transfer between accounts until they are told to stop, and what they were answered.
final class WriteLoad: Sendable {
    struct Tally {
        var done = 0
        var unknown: [String] = []
        /// Told that nothing was done, but for callers that found the door closed.
        var notDone: [String] = []
        var notSent = 0
        var other: [String] = []
    }

    private let tally = Mutex(Tally())
    private let stop = Flag()

    var results: Tally { tally.withLock { $0 } }

    /// Waits until so many more transfers are done.
    func waitForTransfers(_ count: Int) async throws -> Bool {
        let start = results.done
        return try await eventually { self.results.done >= start + count }
    }

    /// Transfers with so many connections as long as `body` runs.
    static func run<Result: Sendable>(
        _ address: HostAndPort, callers: Int = 16, between accounts: [AccountNumber],
        _ body: (WriteLoad) async throws -> Result
    ) async throws -> (result: Result, tally: Tally) {
        var random = SeededGenerator(for: "a load of writes")
        let load = WriteLoad()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<callers {
                let random = random.fork()
                group.addTask { try await load.write(to: address, accounts, random) }
            }
            let outcome: Swift.Result<Result, any Error>
            do {
                outcome = .success(try await body(load))
            } catch {
                outcome = .failure(error)
            }
            load.stop.raise()
            try await group.waitForAll()
            return (try outcome.get(), load.results)
        }
    }

    /// A connection that ends before it has carried any answer may have waited in the queue
    /// of a socket that was closed, and no process has seen it.
    private static func isTurnedAway(_ reply: Reply, _ connection: BankConnection) -> Bool {
        switch reply {
        case .notSent: true
        case .lost: connection.answers == 0
        case .answered: false
        }
    }

    /// Until it is stopped, or finds nobody listening.
    private func write(
        to address: HostAndPort, _ accounts: [AccountNumber], _ random: SeededGenerator
    ) async throws {
        guard let currency = Currency(code: "USD") else { return }
        var workload = Workload(
            random: random, accounts: accounts, currency: currency, subjects: Subjects())
        var connection = BankConnection(address)
        defer { connection.close() }
        while !stop.isRaised {
            let submission = Submission(requests: [workload.transfer()])
            let reply = await connection.send(
                "POST", submission.path, body: try submission.body(), timeout: .seconds(20))
            if Self.isTurnedAway(reply, connection) {
                tally.withLock { $0.notSent += 1 }
                return
            }
            let answers = Answer.answers(to: submission, in: reply)
            tally.withLock { tally in
                switch answers.first {
                case .done: tally.done += 1
                case .unknown(let what): tally.unknown.append(what)
                case .notDone(let what): tally.notDone.append(what)
                default: tally.other.append("\(answers)")
                }
            }
        }
    }
}

extension Workload {
    /// One cent from any account to any other.
    mutating func transfer() -> TransferRequest {
        let pair = accounts.shuffled(using: &random)
        return TransferRequest(
            id: identifier(),
            action: .transfer(
                debit: pair[0], credit: pair[1], amount: Money(minorUnits: 1, currency: currency)))
    }
}
