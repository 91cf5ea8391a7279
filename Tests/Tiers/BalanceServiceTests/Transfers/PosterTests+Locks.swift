import Chain
import Ledger
import NIOPosix
import Synchronization
import TestSupport
import Testing

@testable import BalanceService
@testable import Postgres

/// Accounts that somebody else has locked.
extension PosterTests {
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
            ) async throws -> [PostedGroup] {
                if batch.groups.contains(where: { $0.wants(101) }) {
                    throw PosterTests.serverError("55P03")
                }
                return ScriptedTransactions.refuseAll(batch)
            }

            func postFree(_ batch: PostingBatch, deadline: Deadline) async throws -> [PostedGroup] {
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
}
