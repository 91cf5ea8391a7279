import Chain
import Ledger
import NIOPosix
import Synchronization
import TestSupport
import Testing

@testable import BalanceService
@testable import Postgres

/// Transactions that do as a test says.
private struct ScriptedTransactions: PostingTransactions {
    /// Whether a group wants an account that somebody else has locked.
    var isBlocked: @Sendable (PostingGroup) -> Bool = { _ in false }
    let body: @Sendable (PostingBatch, Deadline) async throws -> [[TransferOutcome]?]

    func post(_ batch: PostingBatch, deadline: Deadline) async throws -> [[TransferOutcome]?] {
        try await body(batch, deadline)
    }

    func postFree(_ batch: PostingBatch, deadline: Deadline) async throws -> [FreePosting] {
        let locked = batch.groups.places { group, _ in isBlocked(group) }
        var free = batch
        free.groups = batch.groups.indices.filter { !locked.contains($0) }.map { batch.groups[$0] }
        let outcomes = free.groups.isEmpty ? [] : try await body(free, deadline)
        var rest = outcomes.makeIterator()
        return batch.groups.enumerated().map { place, group in
            guard !locked.contains(place) else {
                let accounts = group.transfers.flatMap(\.namedAccounts)
                return .locked(isBlocked(group) ? accounts.map { .account($0.number) } : [])
            }
            return (rest.next() ?? nil).map { .outcomes($0) } ?? .late
        }
    }

    static func refuseAll(_ batch: PostingBatch) -> [[TransferOutcome]?] {
        batch.groups.map { $0.transfers.map { _ in .refused(.insufficientFunds) } }
    }
}

/// What the poster does about transactions that fail.
@Suite(.timeLimit(.minutes(1)))
struct PosterTests {
    private static func group(
        within timeout: Duration = .seconds(30), count: Int = 1, to account: Int64 = 100,
        follows: Bool = false
    ) throws -> PostingGroup {
        PostingGroup(
            transfers: try (0..<count).map { _ in try .deposit(1, to: account) },
            deadline: .after(timeout), follows: follows)
    }

    private func run(
        _ groups: [PostingGroup],
        isBlocked: @escaping @Sendable (PostingGroup) -> Bool = { _ in false },
        keptLocked: KeptLocked = KeptLocked(),
        _ body: @escaping @Sendable (PostingBatch, Deadline) async throws -> [[TransferOutcome]?]
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

    private static func serverError(_ sqlState: String) -> PostgresTransactionError {
        PostgresTransactionError(
            stage: .body, underlying: PostgresError(.server, sqlState: sqlState))
    }

    private static let unknown = PostgresTransactionError(
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

    /// However many want a locked row, in whatever order: they are told so after one try, and each of the
    /// others is posted in the next.
    @Test(arguments: [[5], [2, 7, 11], Array(0..<9), Array(stride(from: 0, to: 40, by: 2))])
    func whoWantsALockedRowKeepsNoOtherWaiting(locked: [Int]) async throws {
        let groups = try (1...40).map { try Self.group(count: $0) }
        let isBlocked: @Sendable (PostingGroup) -> Bool = {
            locked.contains($0.transfers.count - 1)
        }
        let sizes = Mutex<[Int]>([])
        let results = await run(groups, isBlocked: isBlocked) { batch, _ in
            sizes.withLock { $0.append(batch.groups.count) }
            if batch.groups.contains(where: isBlocked) { throw Self.serverError("55P03") }
            return ScriptedTransactions.refuseAll(batch)
        }
        for (index, result) in results.enumerated() {
            #expect(result.name == (locked.contains(index) ? "busy" : "outcomes"))
        }
        #expect(sizes.withLock { $0 } == [40, 40 - locked.count])
    }

    @Test func whenAllWantALockedRowAllAreToldAtOnce() async throws {
        let tries = Atomic(0)
        let results = await run(
            [try Self.group(), try Self.group()], isBlocked: { _ in true }
        ) { _, _ in
            tries.wrappingAdd(1, ordering: .relaxed)
            throw Self.serverError("55P03")
        }
        #expect(results.map(\.name) == ["busy", "busy"])
        #expect(tries.load(ordering: .relaxed) == 1)
    }

    /// Who is held up holds up what the same caller wants after it, and nobody else.
    @Test func aCallersLaterGroupsWaitForAnEarlierOne() async throws {
        let groups = try [
            Self.group(to: 100), Self.group(to: 101, follows: true),
            Self.group(to: 102, follows: true), Self.group(to: 103, follows: true),
            Self.group(to: 104), Self.group(to: 102, follows: true),
        ]
        let isBlocked: @Sendable (PostingGroup) -> Bool = { $0.wants(101) }
        let posted = Mutex<[Identifier]>([])
        let results = await run(groups, isBlocked: isBlocked) { batch, _ in
            if batch.groups.contains(where: isBlocked) { throw Self.serverError("55P03") }
            posted.withLock { $0 += batch.groups.map { $0.transfers[0].id } }
            return ScriptedTransactions.refuseAll(batch)
        }
        #expect(
            results.map(\.name) == ["outcomes", "busy", "busy", "busy", "outcomes", "outcomes"])
        #expect(posted.withLock { $0 } == [0, 4, 5].map { groups[$0].transfers[0].id })
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

    /// An account in much use is locked by somebody whenever one looks, and had by whoever waits.
    @Test func whoDidNotWaitDoesNotProlongTheMemoryOfALock() async throws {
        let start = ContinuousClock.now
        let seconds = Mutex(0)
        let keptLocked = KeptLocked { start + .seconds(seconds.withLock { $0 }) }
        let waits = Atomic(0)
        for second in [0, 4, 6] {
            seconds.withLock { $0 = second }
            let results = await run(
                [try Self.group()], isBlocked: { _ in true }, keptLocked: keptLocked
            ) { _, _ in
                waits.wrappingAdd(1, ordering: .relaxed)
                throw Self.serverError("55P03")
            }
            #expect(results.map(\.name) == ["busy"])
        }
        #expect(waits.load(ordering: .relaxed) == 2)
    }

    /// The first batch waits for a locked account, and no other does, however often its caller repeats and
    /// whoever else wants it, until it is free.
    @Test func nobodyWaitsForALockThatSomebodyWasFoundToKeep() async throws {
        let keptLocked = KeptLocked()
        let isLocked = Mutex(true)
        let waits = Mutex((all: 0, inVain: 0))
        func results() async throws -> [String] {
            let groups = try [
                Self.group(to: 100), Self.group(to: 101), Self.group(to: 102),
            ]
            let isBlocked: @Sendable (PostingGroup) -> Bool = { group in
                group.wants(101) && isLocked.withLock { $0 }
            }
            return await run(groups, isBlocked: isBlocked, keptLocked: keptLocked) { batch, _ in
                waits.withLock { $0.all += batch.groups.contains { $0.wants(101) } ? 1 : 0 }
                guard !batch.groups.contains(where: isBlocked) else {
                    waits.withLock { $0.inVain += 1 }
                    throw Self.serverError("55P03")
                }
                return ScriptedTransactions.refuseAll(batch)
            }.map(\.name)
        }
        for _ in 0..<10 { #expect(try await results() == ["outcomes", "busy", "outcomes"]) }
        #expect(waits.withLock { $0.inVain } == 1)
        #expect(waits.withLock { $0.all } == 1)
        isLocked.withLock { $0 = false }
        for _ in 0..<2 { #expect(try await results() == ["outcomes", "outcomes", "outcomes"]) }
        #expect(keptLocked.places(in: [try Self.group(to: 101)]) == [])
    }

    /// Somebody has the cash account whenever one looks: who deposits waits for it all the same, as long as
    /// it is another account that is locked.
    @Test func aBusyCashAccountIsNotTakenForALockedOne() async throws {
        struct Transactions: PostingTransactions {
            func post(
                _ batch: PostingBatch, deadline: Deadline
            ) async throws -> [[TransferOutcome]?] {
                if batch.groups.contains(where: { $0.wants(101) }) {
                    throw PosterTests.serverError("55P03")
                }
                return ScriptedTransactions.refuseAll(batch)
            }

            func postFree(_ batch: PostingBatch, deadline: Deadline) async throws -> [FreePosting] {
                batch.groups.map {
                    .locked([.cash("USD")] + ($0.wants(101) ? [.account(101)] : []))
                }
            }
        }
        var run = PostingRun(
            try [Self.group(to: 100), Self.group(to: 101), Self.group(to: 102)],
            transactions: Transactions(), logger: .silent)
        #expect(await run.run().map(\.name) == ["outcomes", "busy", "outcomes"])
    }

    /// It may be the lost commit itself that has the row locked.
    @Test func afterALostCommitALockedRowIsNotTakenForNothingDone() async throws {
        let failures = Atomic(0)
        let results = await run(
            [try Self.group(), try Self.group(count: 2)],
            isBlocked: { $0.transfers.count == 2 }
        ) { batch, _ in
            if failures.wrappingAdd(1, ordering: .relaxed).oldValue == 0 { throw Self.unknown }
            if batch.groups.count == 2 { throw Self.serverError("55P03") }
            return ScriptedTransactions.refuseAll(batch)
        }
        #expect(results.map(\.name) == ["outcomes", "outcomeUnknown"])
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

extension PostingGroup {
    fileprivate func wants(_ account: Int64) -> Bool {
        transfers.contains { $0.namedAccounts.contains { $0.number == account } }
    }
}

extension GroupResult {
    fileprivate var name: String {
        switch self {
        case .outcomes: "outcomes"
        case .deadlineExceeded: "deadlineExceeded"
        case .outcomeUnknown: "outcomeUnknown"
        case .busy: "busy"
        case .unavailable: "unavailable"
        case .failed: "failed"
        }
    }
}
