import Testing

@testable import Chain

/// A batcher of writes: what a worker has taken may be done, so only the worker can tell.
@Suite(.timeLimit(.minutes(5))) struct WorkersDecideTests {
    private let batcher = BatcherTests.batcher(workersDecide: true)

    private func submit(
        _ number: Int, deadline: Deadline = BatcherTests.later
    ) -> Task<String, any Error> {
        Task { try await batcher.submit(number, deadline: deadline) }
    }

    @Test func aCancelledCallerHearsWhatTheWorkerSays() async throws {
        let (done, failed) = (submit(1), submit(2))
        try await eventually { await batcher.outstandingCount == 2 }
        let batch = try await batcher.nextBatch()
        done.cancel()
        failed.cancel()
        batcher.finish(batch) { $0.member == 1 ? .success("done") : .failure(Refused()) }
        #expect(try await done.value == "done")
        await #expect(throws: Refused.self) { try await failed.value }
        #expect(await batcher.outstandingCount == 0)
    }

    @Test func aCallerIsToldAfterItsDeadlineToo() async throws {
        let deadline = Deadline.after(BatcherTests.soon)
        let caller = submit(1, deadline: deadline)
        let batch = try await batcher.nextBatch()
        // A later deadline's timer has run, so the earlier one's has.
        await #expect(throws: BatcherError.deadlineExceeded) {
            try await batcher.submit(
                2, deadline: Deadline(deadline.instant + .milliseconds(200)))
        }
        #expect(deadline.hasPassed)
        batcher.finish(batch, with: .success("late"))
        #expect(try await caller.value == "late")
    }

    @Test func whatIsPutBackHasItsDeadlineAgain() async throws {
        let caller = submit(1, deadline: .after(BatcherTests.soon))
        let batch = try await batcher.nextBatch()
        // The timer runs for another, and then for nobody.
        await #expect(throws: BatcherError.deadlineExceeded) {
            try await batcher.submit(2, deadline: .after(.milliseconds(20)))
        }
        batcher.putBack(batch, attempts: nil, failingWith: Refused())
        await #expect(throws: BatcherError.deadlineExceeded) { try await caller.value }
        #expect(await batcher.outstandingCount == 0)
    }

    @Test func closingLeavesItToTheWorker() async throws {
        let caller = submit(1)
        let batch = try await batcher.nextBatch()
        batcher.close()
        caller.cancel()
        batcher.finish(batch, with: .success("done"))
        #expect(try await caller.value == "done")
    }

    @Test func whatNoWorkerHasIsWithdrawn() async throws {
        let caller = submit(1)
        try await eventually { await batcher.outstandingCount == 1 }
        caller.cancel()
        await #expect(throws: CancellationError.self) { try await caller.value }
        let other = submit(2)
        let batch = try await batcher.nextBatch()
        #expect(batch.map(\.member) == [2])
        batcher.finish(batch, with: .success("two"))
        #expect(try await other.value == "two")
    }

    @Test func whatIsPutBackIsWithdrawnThen() async throws {
        let (leaving, staying) = (submit(1), submit(2))
        try await eventually { await batcher.outstandingCount == 2 }
        let batch = try await batcher.nextBatch()
        leaving.cancel()
        batcher.putBack(batch, attempts: nil, failingWith: Refused())
        await #expect(throws: CancellationError.self) { try await leaving.value }
        let again = try await batcher.nextBatch()
        #expect(again.map(\.member) == [2])
        // Its caller may leave again as long as it waits, and not any more.
        staying.cancel()
        batcher.finish(again, with: .success("two"))
        #expect(try await staying.value == "two")
        #expect(await batcher.outstandingCount == 0)
    }
}
