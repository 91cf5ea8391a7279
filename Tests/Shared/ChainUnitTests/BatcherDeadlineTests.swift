import Testing

@testable import Chain

/// Callers that leave before their outcome is there.
@Suite(.timeLimit(.minutes(5))) struct BatcherDeadlineTests {
    @Test func aDeadlineEndsTheWaitAndNoOthers() async throws {
        let batcher = BatcherTests.batcher()
        let patient = Task { try await batcher.submit(1, deadline: BatcherTests.later) }
        await #expect(throws: BatcherError.deadlineExceeded) {
            try await batcher.submit(2, deadline: .after(.milliseconds(30)))
        }
        let batch = try await batcher.nextBatch()
        #expect(batch.map(\.member) == [1])
        batcher.finish(batch, with: .success("patient"))
        #expect(try await patient.value == "patient")
    }

    @Test func aDeadlineEndsTheWaitForABatchOnItsWay() async throws {
        let batcher = BatcherTests.batcher()
        let answer = Task { try await batcher.submit(1, deadline: .after(BatcherTests.soon)) }
        let batch = try await batcher.nextBatch()
        await #expect(throws: BatcherError.deadlineExceeded) { try await answer.value }
        batcher.finish(batch, with: .success("too late"))
        #expect(await batcher.outstandingCount == 0)
    }

    @Test func anEarlierDeadlineBehindALaterOneIsKept() async throws {
        let batcher = BatcherTests.batcher()
        try await withThrowingTaskGroup(of: String.self) { group in
            try await BatcherTests.submit(0..<1, to: batcher, in: &group)
            await #expect(throws: BatcherError.deadlineExceeded) {
                try await batcher.submit(1, deadline: .after(.milliseconds(20)))
            }
            await #expect(throws: BatcherError.deadlineExceeded) {
                try await batcher.submit(2, deadline: .after(.milliseconds(20)))
            }
            batcher.failQueued(with: Refused())
            await #expect(throws: Refused.self) { try await group.waitForAll() }
        }
    }

    @Test func anExpiredMemberIsNotQueued() async throws {
        let batcher = BatcherTests.batcher()
        await #expect(throws: BatcherError.deadlineExceeded) {
            try await batcher.submit(1, deadline: .after(.zero))
        }
        #expect(await batcher.outstandingCount == 0)
    }

    @Test func aCancelledCallerLeavesTheQueue() async throws {
        let batcher = BatcherTests.batcher()
        let caller = Task { try await batcher.submit(1, deadline: BatcherTests.later) }
        try await eventually { await batcher.outstandingCount == 1 }
        caller.cancel()
        await #expect(throws: CancellationError.self) { try await caller.value }
        let other = Task { try await batcher.submit(2, deadline: BatcherTests.later) }
        let batch = try await batcher.nextBatch()
        #expect(batch.map(\.member) == [2])
        batcher.finish(batch, with: .success("two"))
        #expect(try await other.value == "two")
    }

    @Test func aCallerThatIsCancelledBeforehandIsNotQueued() async throws {
        let batcher = BatcherTests.batcher()
        let caller = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await batcher.submit(1, deadline: BatcherTests.later)
        }
        await #expect(throws: CancellationError.self) { try await caller.value }
        #expect(await batcher.outstandingCount == 0)
    }
}
