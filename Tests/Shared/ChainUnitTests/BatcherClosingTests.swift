import Testing

@testable import Chain

/// What is put back, refused, or ended with the batcher.
@Suite(.timeLimit(.minutes(5))) struct BatcherClosingTests {
    @Test func whatIsPutBackComesFirst() async throws {
        let batcher = BatcherTests.batcher(batch: 1)
        try await withThrowingTaskGroup(of: String.self) { group in
            try await BatcherTests.submit(0..<2, to: batcher, in: &group)
            batcher.putBack(try await batcher.nextBatch(), attempts: 3, failingWith: Refused())
            for expected in 0..<2 {
                let batch = try await batcher.nextBatch()
                #expect(batch.map(\.member) == [expected])
                batcher.finish(batch, with: .success(""))
            }
            try await group.waitForAll()
        }
    }

    @Test func puttingBackHasABound() async throws {
        let batcher = BatcherTests.batcher()
        let answer = Task { try await batcher.submit(1, deadline: BatcherTests.later) }
        for _ in 0..<3 {
            batcher.putBack(try await batcher.nextBatch(), attempts: 2, failingWith: Refused())
        }
        await #expect(throws: Refused.self) { try await answer.value }
        #expect(await batcher.outstandingCount == 0)
    }

    @Test func whatWasNotTriedMayAlwaysBePutBack() async throws {
        let batcher = BatcherTests.batcher()
        let answer = Task { try await batcher.submit(1, deadline: BatcherTests.later) }
        for _ in 0..<20 {
            batcher.putBack(try await batcher.nextBatch(), attempts: nil, failingWith: Refused())
        }
        batcher.finish(try await batcher.nextBatch(), with: .success("at last"))
        #expect(try await answer.value == "at last")
    }

    @Test func refusesWhileNobodyWorks() async throws {
        let batcher = BatcherTests.batcher()
        let queued = Task { try await batcher.submit(1, deadline: BatcherTests.later) }
        try await eventually { await batcher.outstandingCount == 1 }
        batcher.refuse(with: Refused(reason: "nobody"))
        await #expect(throws: Refused(reason: "nobody")) { try await queued.value }
        await #expect(throws: Refused(reason: "nobody")) {
            try await batcher.submit(2, deadline: BatcherTests.later)
        }
        batcher.accept()
        let accepted = Task { try await batcher.submit(3, deadline: BatcherTests.later) }
        batcher.finish(try await batcher.nextBatch(), with: .success("three"))
        #expect(try await accepted.value == "three")
    }

    @Test func whatIsPutBackToARefusingBatcherFails() async throws {
        let batcher = BatcherTests.batcher()
        let answer = Task { try await batcher.submit(1, deadline: BatcherTests.later) }
        let batch = try await batcher.nextBatch()
        batcher.refuse(with: Refused(reason: "nobody"))
        batcher.putBack(batch, attempts: 3, failingWith: Refused(reason: "mine"))
        await #expect(throws: Refused(reason: "mine")) { try await answer.value }
        #expect(await batcher.outstandingCount == 0)
    }

    @Test func closingFailsAllThatWaitsAndWorks() async throws {
        let batcher = BatcherTests.batcher(batch: 1)
        let first = Task { try await batcher.submit(1, deadline: BatcherTests.later) }
        let batch = try await batcher.nextBatch()
        let second = Task { try await batcher.submit(2, deadline: BatcherTests.later) }
        try await eventually { await batcher.outstandingCount == 2 }
        batcher.close()
        await #expect(throws: BatcherError.closed) { try await first.value }
        await #expect(throws: BatcherError.closed) { try await second.value }
        await #expect(throws: BatcherError.closed) {
            try await batcher.submit(3, deadline: BatcherTests.later)
        }
        await #expect(throws: CancellationError.self) { try await batcher.nextBatch() }
        batcher.putBack(batch, attempts: 3, failingWith: Refused())
        #expect(await batcher.outstandingCount == 0)
    }

    @Test func closingWakesIdleWorkers() async throws {
        let batcher = BatcherTests.batcher()
        let worker = Task { try await batcher.nextBatch() }
        try await eventually { await batcher.idleWorkerCount == 1 }
        batcher.close()
        await #expect(throws: CancellationError.self) { try await worker.value }
    }
}
