import Chain
import Ledger
import NIOPosix
import Synchronization
import TestSupport
import Testing

@testable import BalanceService
@testable import Postgres

/// What the poster does about transactions that fail.
@Suite(.timeLimit(.minutes(1)))
struct PosterTests {
    static func group(
        within timeout: Duration = .seconds(30), count: Int = 1, to account: Int64 = 100,
        follows: Bool = false
    ) throws -> PostingGroup {
        PostingGroup(
            transfers: try (0..<count).map { _ in try .deposit(1, to: account) },
            deadline: .after(timeout), follows: follows, session: nil)
    }

    func run(
        _ groups: [PostingGroup],
        isBlocked: @escaping @Sendable (PostingGroup) -> Bool = { _ in false },
        keptLocked: KeptLocked = KeptLocked(),
        _ body: @escaping @Sendable (PostingBatch, Deadline) async throws -> [PostedGroup]
    ) async -> [GroupResult] {
        var run = PostingRun(
            groups, transactions: ScriptedTransactions(isBlocked: isBlocked, body: body),
            keptLocked: keptLocked, logger: .silent)
        return await run.run()
    }

    /// Fails so many times, and then refuses everything.
    private func run(
        _ groups: [PostingGroup], failing times: Int, with error: any Error
    ) async -> [GroupResult] {
        let failures = Atomic(0)
        return await run(groups) { batch, _ in
            if failures.wrappingAdd(1, ordering: .relaxed).oldValue < times { throw error }
            return ScriptedTransactions.refuseAll(batch)
        }
    }

    static func serverError(_ sqlState: String) -> PostgresTransactionError {
        PostgresTransactionError(
            stage: .body, underlying: PostgresError(.server, sqlState: sqlState))
    }

    static let unknown = PostgresTransactionError(
        stage: .commit, underlying: PostgresError(.commitOutcomeUnknown, isSafeToRetry: false))

    @Test(arguments: ["40P01", "40001", "23505", "26000", "57014"])
    func conflictsAreRunAgain(sqlState: String) async throws {
        let results = await run(
            [try Self.group(), try Self.group()], failing: 4, with: Self.serverError(sqlState))
        #expect(results.map(\.name) == ["outcomes", "outcomes"])
    }

    @Test func whatMayHaveBeenCommittedIsRunAgain() async throws {
        let failures = Atomic(0)
        let results = await run([try Self.group(within: .milliseconds(20))]) { batch, _ in
            if failures.wrappingAdd(1, ordering: .relaxed).oldValue == 0 {
                try await Task.sleep(for: .milliseconds(50))
                throw Self.unknown
            }
            // Its deadline has passed, and it is asked nevertheless.
            #expect(batch.mayBeDone)
            return ScriptedTransactions.refuseAll(batch)
        }
        #expect(results.map(\.name) == ["outcomes"])
    }

    @Test func afterALostCommitAnErrorIsNotTakenForNothingDone() async throws {
        let failures = Atomic(0)
        let results = await run([try Self.group(), try Self.group()]) { _, _ in
            if failures.wrappingAdd(1, ordering: .relaxed).oldValue == 0 { throw Self.unknown }
            throw Self.serverError("23514")
        }
        #expect(results.map(\.name) == ["outcomeUnknown", "outcomeUnknown"])
    }

    /// A group of which nothing is known holds up what follows it, too, and one that is late.
    @Test func whatFollowsFaresAsWhatItWaitsFor() async throws {
        let groups = try [
            Self.group(within: .zero), Self.group(follows: true), Self.group(),
        ]
        let late = await run(groups) { batch, _ in ScriptedTransactions.refuseAll(batch) }
        #expect(late.map(\.name) == ["deadlineExceeded", "deadlineExceeded", "outcomes"])
        let failing = try [Self.group(count: 2), Self.group(follows: true)]
        let failed = await run(failing) { batch, _ in
            if batch.groups.contains(where: { $0.transfers.count == 2 }) {
                throw Self.serverError("23514")
            }
            return ScriptedTransactions.refuseAll(batch)
        }
        // Nothing is kept of that one: it may be asked again, and done.
        #expect(failed.map(\.name) == ["failed", "failed"])
    }

    @Test func aPartOfABatchKeepsWhoFollowsWhom() throws {
        let groups = try [false, false, true, true].map { try Self.group(follows: $0) }
        #expect(groups.picked([0, 2, 3]).map(\.follows) == [false, false, true])
        #expect(groups.picked([1, 2]).map(\.follows) == [false, true])
    }

    /// Conflicts before it do not make an id that is used just now one that cannot be posted.
    @Test func conflictsDoNotCountAsUsesOfTheSameID() async throws {
        let failures = Atomic(0)
        let results = await run([try Self.group()]) { batch, _ in
            let count = failures.wrappingAdd(1, ordering: .relaxed).oldValue
            if count < PostingSteps.sameIDAttempts { throw Self.serverError("40P01") }
            if count < 2 * PostingSteps.sameIDAttempts { throw Self.serverError("23505") }
            return ScriptedTransactions.refuseAll(batch)
        }
        #expect(results.map(\.name) == ["outcomes"])
    }

    @Test func anIDThatStaysUsedEnds() async throws {
        let results = await run(
            [try Self.group()], failing: .max, with: Self.serverError("23505"))
        #expect(results.map(\.name) == ["failed"])
    }

    @Test func anUnreachableDatabaseIsSaidAtOnce() async throws {
        let start = ContinuousClock.now
        let results = await run(
            [try Self.group()], failing: .max, with: PostgresError(.connectionRefused))
        #expect(results.map(\.name) == ["unavailable"])
        #expect(start.duration(to: .now) < .seconds(20))
    }

    @Test func conflictsEndWithTheDeadline() async throws {
        let results = await run(
            [try Self.group(within: .milliseconds(100))], failing: .max,
            with: Self.serverError("40P01"))
        #expect(results.map(\.name) == ["deadlineExceeded"])
    }

    @Test func onlyTheOneThatCannotBePostedFails() async throws {
        let groups = try (1...9).map { try Self.group(count: $0) }
        let results = await run(groups) { batch, _ in
            if batch.groups.contains(where: { $0.transfers.count == 6 }) {
                throw Self.serverError("23514")
            }
            return ScriptedTransactions.refuseAll(batch)
        }
        for (index, result) in results.enumerated() {
            #expect(result.name == (index == 5 ? "failed" : "outcomes"))
        }
    }

    @Test func pastItsBoundItRefusesAtOnce() async throws {
        let (started, startedContinuation) = AsyncStream<Void>.makeStream()
        let (released, release) = AsyncStream<Void>.makeStream()
        let poster = TransferPoster(
            transactions: ScriptedTransactions { batch, _ in
                startedContinuation.yield()
                for await _ in released { break }
                return ScriptedTransactions.refuseAll(batch)
            }, batchesInFlight: 1, limits: .init(waiting: 3, batch: 500),
            eventLoop: MultiThreadedEventLoopGroup.singleton.next(), logger: .silent)
        let first = try Self.group(within: .seconds(8))
        try await withThrowingTaskGroup(of: String.self) { group in
            let worker = Task { try await poster.run() }
            group.addTask { try await poster.post([first]).results[0].name }
            for await _ in started { break }
            // More callers than may wait, one after another: the first of them fills the queue.
            for _ in 0..<4 {
                group.addTask {
                    do {
                        return try await poster.post([try Self.group(count: 3)]).results[0].name
                    } catch BatcherError.overloaded {
                        return "overloaded"
                    }
                }
            }
            for _ in 0..<3 { #expect(try await group.next() == "overloaded") }
            // The one in the transaction gets its outcome, however late.
            try await Task.sleep(until: first.deadline.instant + .milliseconds(100))
            release.finish()
            var names: [String] = []
            for try await name in group { names.append(name) }
            #expect(names == ["outcomes", "outcomes"])
            worker.cancel()
            try await worker.value
        }
    }
}
