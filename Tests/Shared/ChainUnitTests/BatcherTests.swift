import NIOPosix
import Synchronization
import Testing

@testable import Chain

typealias NumberBatcher = Batcher<Int, String>

struct Refused: Error, Hashable {
    var reason = "refused"
}

/// A value that the tasks of a test share.
final class Shared<Value: Sendable>: Sendable {
    private let state: Mutex<Value>

    init(_ value: Value) { state = Mutex(value) }

    var value: Value { state.withLock { $0 } }

    func update(_ change: (inout Value) -> Void) {
        state.withLock { value in change(&value) }
    }
}

@Suite(.timeLimit(.minutes(5))) struct BatcherTests {
    static func batcher(
        waiting: Int = 100, batch: Int = 10, workersDecide: Bool = false
    ) -> NumberBatcher {
        NumberBatcher(
            limits: .init(waiting: waiting, batch: batch), workersDecide: workersDecide,
            eventLoop: MultiThreadedEventLoopGroup.singleton.next())
    }

    static let later = Deadline.after(.seconds(60))
    /// Until a deadline that a test waits for, and before which a worker takes the member: ample, since
    /// a test that comes too late would wait for a batch that never comes.
    static let soon = Duration.seconds(4)

    /// Submits numbers one after another, so that they queue in order.
    static func submit(
        _ numbers: Range<Int>, to batcher: NumberBatcher,
        in group: inout ThrowingTaskGroup<String, any Error>
    ) async throws {
        for number in numbers {
            let before = await batcher.outstandingCount
            group.addTask { try await batcher.submit(number, deadline: later) }
            try await eventually { await batcher.outstandingCount == before + 1 }
        }
    }

    @Test func givesEachCallerItsOwnOutcome() async throws {
        let batcher = Self.batcher()
        try await withThrowingTaskGroup(of: String.self) { group in
            try await Self.submit(0..<5, to: batcher, in: &group)
            let batch = try await batcher.nextBatch()
            #expect(batch.map(\.member) == [0, 1, 2, 3, 4])
            batcher.finish(batch) { .success("answer \($0.member)") }
            var answers: Set<String> = []
            for try await answer in group { answers.insert(answer) }
            #expect(answers == Set((0..<5).map { "answer \($0)" }))
        }
        #expect(await batcher.outstandingCount == 0)
    }

    @Test func keepsABatchWithinItsLimit() async throws {
        let batcher = Self.batcher(batch: 2)
        try await withThrowingTaskGroup(of: String.self) { group in
            try await Self.submit(0..<5, to: batcher, in: &group)
            for expected in [[0, 1], [2, 3], [4]] {
                let batch = try await batcher.nextBatch()
                #expect(batch.map(\.member) == expected)
                batcher.finish(batch, with: batch.map { "\($0.member)" })
            }
            try await group.waitForAll()
        }
    }

    @Test func aMemberHeavierThanABatchGoesAlone() async throws {
        let batcher = Self.batcher(batch: 2)
        let heavy = Task { try await batcher.submit(1, weight: 9, deadline: Self.later) }
        let batch = try await batcher.nextBatch()
        #expect(batch.map(\.weight) == [9])
        batcher.finish(batch, with: .success("done"))
        #expect(try await heavy.value == "done")
    }

    @Test func refusesWhatIsPastTheLimitOfTheQueue() async throws {
        let batcher = Self.batcher(waiting: 2)
        try await withThrowingTaskGroup(of: String.self) { group in
            try await Self.submit(0..<2, to: batcher, in: &group)
            await #expect(throws: BatcherError.overloaded) {
                try await batcher.submit(3, deadline: Self.later)
            }
            let batch = try await batcher.nextBatch()
            batcher.finish(batch, with: .success(""))
            try await group.waitForAll()
        }
    }

    @Test func aWorkerWaitsForWork() async throws {
        let batcher = Self.batcher()
        async let batch = batcher.nextBatch()
        try await eventually { await batcher.idleWorkerCount == 1 }
        let answer = Task { try await batcher.submit(1, deadline: Self.later) }
        batcher.finish(try await batch, with: .success("late"))
        #expect(try await answer.value == "late")
    }

    @Test func idleWorkersTakeTurns() async throws {
        let batcher = Self.batcher()
        let served = Shared<[Int]>([])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<3 {
                group.addTask {
                    while let batch = try? await batcher.nextBatch() {
                        served.update { $0.append(worker) }
                        batcher.finish(batch, with: .success(""))
                    }
                }
                try await eventually { await batcher.idleWorkerCount == worker + 1 }
            }
            for number in 0..<6 {
                _ = try await batcher.submit(number, deadline: Self.later)
                try await eventually { await batcher.idleWorkerCount == 3 }
            }
            group.cancelAll()
        }
        #expect(served.value == [0, 1, 2, 0, 1, 2])
    }

    @Test func aCancelledWorkerPassesItsTurnOn() async throws {
        let batcher = Self.batcher()
        let first = Task { try await batcher.nextBatch() }
        try await eventually { await batcher.idleWorkerCount == 1 }
        let second = Task { try await batcher.nextBatch() }
        try await eventually { await batcher.idleWorkerCount == 2 }
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        let answer = Task { try await batcher.submit(1, deadline: Self.later) }
        batcher.finish(try await second.value, with: .success("second"))
        #expect(try await answer.value == "second")
    }

    /// Callers, workers, cancellation and putting back at once: nobody is forgotten.
    @Test(arguments: [false, true])
    func everyCallerHearsSomethingUnderLoad(workersDecide: Bool) async throws {
        let batcher = Self.batcher(waiting: 10_000, batch: 7, workersDecide: workersDecide)
        let heard = Shared(0)
        let (done, told) = (Shared<Set<Int>>([]), Shared<Set<Int>>([]))
        try await withThrowingTaskGroup(of: Void.self) { workers in
            for _ in 0..<4 {
                workers.addTask {
                    while let batch = try? await batcher.nextBatch() {
                        if Int.random(in: 0..<5) == 0 {
                            batcher.putBack(batch, attempts: 3, failingWith: Refused())
                        } else {
                            done.update { $0.formUnion(batch.map(\.member)) }
                            batcher.finish(batch) { .success("\($0.member)") }
                        }
                    }
                }
            }
            await withTaskGroup(of: Void.self) { callers in
                for number in 0..<2000 {
                    callers.addTask {
                        let caller = Task { try await batcher.submit(number, deadline: Self.later) }
                        if number % 17 == 0 { caller.cancel() }
                        if case .success(let answer) = await caller.result {
                            #expect(answer == "\(number)")
                            told.update { _ = $0.insert(number) }
                        }
                        heard.update { $0 += 1 }
                    }
                }
            }
            batcher.close()
            try await workers.waitForAll()
        }
        #expect(heard.value == 2000)
        if workersDecide { #expect(told.value == done.value) }
    }
}

/// Waits until a condition holds; the bound is only there so that a broken test ends.
func eventually(_ condition: @Sendable () async -> Bool) async throws {
    let end = ContinuousClock.now.advanced(by: .seconds(20))
    while await !condition() {
        guard ContinuousClock.now < end else { throw Refused(reason: "never came true") }
        try await Task.sleep(for: .milliseconds(1))
    }
}
