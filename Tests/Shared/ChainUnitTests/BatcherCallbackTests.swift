import NIOCore
import NIOPosix
import Testing

@testable import Chain

/// Callers and workers on the batcher's own event loop.
@Suite(.timeLimit(.minutes(5))) struct BatcherCallbackTests {
    private let batcher = BatcherTests.batcher(waiting: 3)

    @Test func whatComesInOneTurnOfTheLoopSharesABatch() async throws {
        let batcher = batcher
        let batch = Task { try await batcher.nextBatch() }
        try await eventually { await batcher.idleWorkerCount == 1 }
        let answers = Shared<[String]>([])
        try await batcher.eventLoop.submit {
            for number in 0..<3 {
                batcher.submit(number, deadline: BatcherTests.later) { result in
                    answers.update { $0.append((try? result.get()) ?? "none") }
                }
            }
        }.get()
        let tickets = try await batch.value
        #expect(tickets.map(\.member) == [0, 1, 2])
        batcher.finish(tickets) { .success("answer \($0.member)") }
        try await eventually { answers.value == (0..<3).map { "answer \($0)" } }
    }

    @Test func whoIsRefusedHearsItAtOnce() async throws {
        let batcher = batcher
        let heard = try await batcher.eventLoop.submit {
            var heard: [Bool] = []
            for _ in 0..<4 {
                var isRefused = false
                batcher.submit(1, deadline: BatcherTests.later) { _ in isRefused = true }
                heard.append(isRefused)
            }
            return heard
        }.get()
        #expect(heard == [false, false, false, true])
        #expect(batcher.isFull)
        batcher.close()
        #expect(await batcher.outstandingCount == 0)
    }

    /// Whoever is called back may ask for the next thing at once.
    @Test func aCompletionMaySubmitAgain() async throws {
        let batcher = batcher
        let answers = Shared<[String]>([])
        let worker = batcher.workerID()
        try await batcher.eventLoop.submit {
            @Sendable func work(_ tickets: [NumberBatcher.Ticket]?) {
                guard let tickets else { return }
                batcher.finish(tickets) { .success("\($0.member)") }
                batcher.work(as: worker, work)
            }
            @Sendable func ask(_ number: Int) {
                batcher.submit(number, deadline: BatcherTests.later) { result in
                    answers.update { $0.append((try? result.get()) ?? "none") }
                    if number < 3 { ask(number + 1) }
                }
            }
            batcher.work(as: worker, work)
            ask(0)
        }.get()
        try await eventually { answers.value == ["0", "1", "2", "3"] }
        try await eventually { await batcher.idleWorkerCount == 1 }
        batcher.withdraw(worker)
        #expect(await batcher.idleWorkerCount == 0)
    }

    @Test func whoLeavesIsToldSoAndNobodyElse() async throws {
        let batcher = batcher
        let heard = Shared<[Int]>([])
        let id = try await batcher.eventLoop.submit {
            batcher.submit(2, deadline: BatcherTests.later) { _ in heard.update { $0.append(2) } }
            return batcher.submit(1, deadline: BatcherTests.later) { result in
                if case .failure(is CancellationError) = result { heard.update { $0.append(1) } }
            }
        }.get()
        batcher.cancel(id)
        batcher.cancel(id)
        try await eventually { heard.value == [1] }
        let batch = try await batcher.nextBatch()
        #expect(batch.map(\.member) == [2])
        batcher.finish(batch, with: .success(""))
        try await eventually { heard.value == [1, 2] }
    }
}
