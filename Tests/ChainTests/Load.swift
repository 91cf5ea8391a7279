import Chain
import Ledger
import TestSupport

/// One of a load's callers.
protocol LoadCaller: Sendable {
    /// Asks once.
    /// - Returns: What came, and what is wrong with it.
    mutating func ask(
        on connection: inout BankConnection
    ) async throws -> (reply: Reply, failure: String?)
}

/// Callers with a connection each that go on until they are told to stop, and what they were answered.
final class Load: Sendable {
    struct Tally: Sendable {
        var done = 0
        /// Answers other than what was asked for, and requests that got none.
        var failures: [String] = []
        /// Those that found the door closed.
        var turnedAway = 0
    }

    private let tally = Shared(Tally())
    private let stop = Flag()

    /// Waits until so many more are done.
    func waitForAnswers(_ count: Int) async throws {
        let start = tally.done
        try await eventually { tally.done >= start + count }
    }

    /// As long as `body` runs.
    static func run<Result: Sendable>(
        on address: HostAndPort, _ callers: [any LoadCaller],
        _ body: (Load) async throws -> Result
    ) async throws -> (result: Result, tally: Tally) {
        let load = Load()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in callers { group.addTask { try await load.run(caller, address) } }
            let outcome: Swift.Result<Result, any Error>
            do {
                outcome = .success(try await body(load))
            } catch {
                outcome = .failure(error)
            }
            load.stop.raise()
            try await group.waitForAll()
            return (try outcome.get(), load.tally.value)
        }
    }

    /// Until it is stopped, or finds nobody listening.
    private func run(_ caller: any LoadCaller, _ address: HostAndPort) async throws {
        var caller = caller
        var connection = BankConnection(address)
        defer { connection.close() }
        while !stop.isRaised {
            let (reply, failure) = try await caller.ask(on: &connection)
            guard !connection.isTurnedAway(reply) else {
                return tally.update { $0.turnedAway += 1 }
            }
            tally.update { tally in
                if let failure { tally.failures.append(failure) } else { tally.done += 1 }
            }
        }
    }
}

let readers = Array(repeating: BalanceReader(), count: 16)

/// Reads a balance.
struct BalanceReader: LoadCaller {
    func ask(
        on connection: inout BankConnection
    ) async throws -> (reply: Reply, failure: String?) {
        let reply = await connection.send(
            "GET", ChainHarness.balancePath, timeout: .seconds(20), patience: .seconds(10))
        if case .answered(let answer) = reply, answer.status == 200 { return (reply, nil) }
        return (reply, "\(reply)")
    }
}

/// Moves one cent from any account to any other.
struct TransferWriter: LoadCaller {
    private var workload: Workload

    static func several(_ count: Int, between accounts: [AccountNumber]) -> [TransferWriter] {
        var random = SeededGenerator(for: "a load of writes")
        return (0..<count).map { _ in
            TransferWriter(
                workload: Workload(
                    random: random.fork(), accounts: accounts, currency: .usd,
                    subjects: Subjects()))
        }
    }

    mutating func ask(
        on connection: inout BankConnection
    ) async throws -> (reply: Reply, failure: String?) {
        let submission = Submission(requests: [workload.transfer()])
        let reply = await connection.send(
            "POST", submission.path, body: try submission.body(), timeout: .seconds(20))
        let answers = Answer.answers(to: submission, in: reply)
        if case .done = answers.first { return (reply, nil) }
        return (reply, "\(answers)")
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
