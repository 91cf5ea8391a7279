import TestSupport
import Testing

@testable import BalanceService

extension ServiceTests {
    /// Batches of hundreds that mix callers, several at a time, while sessions are ended: by seed, though how
    /// they interleave is by chance.
    @Suite(.timeLimit(.minutes(5)))
    struct MixedBatchTests {
        static let workers = 4
        static let rounds = 8
        static let batches = workers * rounds

        @Test func nobodyGetsAnothersAnswer() async throws {
            var generator = SeededGenerator()
            let generators = (0...Self.workers).map { _ in generator.fork() }
            try await MixedBank.with { bank in
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    for index in 0..<Self.workers {
                        tasks.addTask {
                            var generator = generators[index]
                            for _ in 0..<Self.rounds {
                                let count = generator.number(100...300)
                                if generator.chance(50) {
                                    try await bank.read(count, &generator)
                                } else {
                                    try await bank.write(count, &generator)
                                }
                                bank.state.update { $0.batches += 1 }
                            }
                        }
                    }
                    tasks.addTask {
                        var generator = generators[Self.workers]
                        try await bank.revoke(24, &generator)
                    }
                    try await tasks.waitForAll()
                }
                try await bank.checkRecords()
                #expect(bank.state.faults.prefix(10) == [])
                // Else it would be no proof.
                #expect(bank.state.ended.count == 24)
                #expect(bank.state.done > 100)
                #expect(!bank.state.tooLate.isEmpty)
            }
        }
    }
}
