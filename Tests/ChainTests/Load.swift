import Chain
import Synchronization

/// Readers of a balance that go on until they are told to stop, and the outcomes of their requests.
final class Load: Sendable {
    struct Tally {
        var answered = 0
        /// Answers other than 200, and requests that got none.
        var failures: [String] = []
        var notAccepted = 0
    }

    private let tally = Mutex(Tally())
    private let stop = Flag()

    var results: Tally { tally.withLock { $0 } }

    /// Waits until so many more requests are answered.
    func waitForAnswers(_ count: Int) async throws -> Bool {
        let start = results.answered
        return try await eventually { self.results.answered >= start + count }
    }

    /// Reads with so many connections as long as `body` runs.
    static func run<Result: Sendable>(
        _ chain: ChainHarness, readers: Int = 16,
        _ body: (Load) async throws -> Result
    ) async throws -> (result: Result, tally: Tally) {
        let load = Load()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<readers { group.addTask { await load.read(from: chain.bank.address) } }
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

    private func read(from address: HostAndPort) async {
        await KeepAliveClient(address: address).run(ChainHarness.balancePath) { exchange in
            record(exchange)
            if case .notAccepted = exchange { return false }
            return !stop.isRaised
        }
    }

    private func record(_ exchange: Exchange) {
        tally.withLock { tally in
            switch exchange {
            case .answered(let answer):
                tally.answered += 1
                if answer.status != 200 { tally.failures.append("\(answer.status) \(answer.body)") }
            case .notAccepted: tally.notAccepted += 1
            case .lost: tally.failures.append("lost")
            case .broken: tally.failures.append("broken")
            }
        }
    }
}
