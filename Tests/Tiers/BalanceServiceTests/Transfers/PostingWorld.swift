import Chain
import Ledger
import Synchronization
import TestSupport

@testable import BalanceService
@testable import LedgerTestSupport

/// Callers, posting lanes and a ledger in one thread, where all that happens and goes wrong is chosen by a
/// seed: conflicts, locks, lost connections and commits, deadlines, a service that is killed.
struct PostingWorld {
    /// A batch that a lane works on.
    private struct Lane {
        var steps: PostingSteps
        /// Whose groups they are, and which.
        var shares: [(caller: Int, groups: Range<Int>)]
        /// What this batch has committed.
        var committed: Set<Identifier> = []
        /// Whether there was a try of which nobody knows what it did.
        var hasLostTry = false
    }

    struct Caller {
        let isOrdered: Bool
        /// What has no outcome yet, in order.
        var groups: [[TransferRequest]]
        var isWaiting = false
    }

    /// What is not as it must be.
    struct Violation: Error {
        let what: String
        init(_ what: String) { self.what = what }
    }

    private final class Clock: Sendable {
        let now = Mutex(ContinuousClock.now)
    }

    private var random: SeededGenerator
    private let clock = Clock()
    private let keptLocked: KeptLocked
    private let start: BookKeeper
    private var store: ModelStore
    private var callers: [Caller] = []
    private let asked: [[[TransferRequest]]]
    private var lanes: [Lane?] = [nil, nil]
    private var told: [TransferRequest: TransferOutcome] = [:]

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        let clock = clock
        keptLocked = KeptLocked { clock.now.withLock { $0 } }
        start = .postingBank(customers: 11...15, limit: 40)
        store = ModelStore(start)
        var generator = BatchGenerator(seed: random.next())
        for _ in 0..<random.number(2...4) {
            let groups = (0..<random.number(1...5)).map { _ in generator.group() }
            callers.append(Caller(isOrdered: random.chance(70), groups: groups))
        }
        asked = callers.map(\.groups)
    }

    private var now: ContinuousClock.Instant {
        get { clock.now.withLock { $0 } }
        nonmutating set { clock.now.withLock { $0 = newValue } }
    }

    /// Runs until each caller has an outcome for all that it asked; after some time nothing fails any more.
    mutating func run() throws(Violation) {
        var steps = 0
        while callers.contains(where: { !$0.groups.isEmpty }) {
            steps += 1
            guard steps < 5000 else { throw Violation("callers still wait: \(callers)") }
            try step(isCalm: steps > 400)
        }
        let problems = store.books.problems(since: start)
        guard problems.isEmpty else { throw Violation("\(problems)") }
        try checkOrder()
    }

    private mutating func step(isCalm: Bool) throws(Violation) {
        now += .milliseconds(random.chance(3) ? 3000 : random.number(0...20))
        let place = random.number(0...(lanes.count - 1))
        guard var lane = lanes[place] else {
            lanes[place] = submit()
            return
        }
        switch lane.steps.next(at: now) {
        case .done: break
        case .pause(let time): now += time
        case .post(let attempt): post(attempt, in: &lane, isCalm: isCalm)
        }
        if !isCalm, random.chance(2) {
            // The service is killed: nobody is told anything.
            for share in lane.shares { callers[share.caller].isWaiting = false }
            lanes[place] = nil
            return
        }
        try answer(&lane)
        lanes[place] = lane.shares.isEmpty ? nil : lane
    }

    /// The batch of those who ask just now; nil when nobody does.
    private mutating func submit() -> Lane? {
        var groups: [PostingGroup] = []
        var shares: [(caller: Int, groups: Range<Int>)] = []
        for caller in callers.indices where !callers[caller].isWaiting && random.chance(70) {
            let open = callers[caller].groups
            guard !open.isEmpty else { continue }
            callers[caller].isWaiting = true
            let deadline = Deadline(now + random.milliseconds(5...3000))
            shares.append((caller, groups.count..<(groups.count + open.count)))
            groups += open.enumerated().map { place, transfers in
                PostingGroup(
                    transfers: transfers, deadline: deadline,
                    follows: callers[caller].isOrdered && place > 0, session: nil)
            }
        }
        guard !shares.isEmpty else { return nil }
        return Lane(steps: PostingSteps(groups, keptLocked: keptLocked), shares: shares)
    }
}

// MARK: What a try comes to

extension PostingWorld {
    private enum Fate {
        case done
        case notDone(PostingFailure)
        case unknown(isDone: Bool)
    }

    private mutating func fate(of attempt: PostingSteps.Attempt, isCalm: Bool) -> Fate {
        if attempt.deadline.instant <= now { return .notDone(.deadlineExceeded) }
        if isCalm { return .done }
        switch random.number(0...99) {
        case 0..<55: return .done
        case 55..<65: return .unknown(isDone: random.chance(50))
        case 65..<75: return .notDone(.lockTimeout)
        case 75..<80: return .notDone(.conflict)
        case 80..<85: return .notDone(.sameID)
        case 85..<90: return .notDone(.interrupted)
        case 90..<94: return .notDone(.unavailable)
        case 94..<97: return .notDone(.deadlineExceeded)
        default: return .notDone(.unexpected)
        }
    }

    private mutating func post(
        _ attempt: PostingSteps.Attempt, in lane: inout Lane, isCalm: Bool
    ) {
        switch fate(of: attempt, isCalm: isCalm) {
        case .done: commit(attempt, in: &lane, isCalm: isCalm)
        case .notDone(let failure): fail(attempt, failure, in: &lane)
        case .unknown(let isDone):
            lane.hasLostTry = true
            if isDone {
                var forgotten = lane
                commit(attempt, in: &forgotten, isCalm: isCalm)
                lane.committed = forgotten.committed
            }
            fail(attempt, .unknown, in: &lane)
        }
    }

    private func fail(
        _ attempt: PostingSteps.Attempt, _ failure: PostingFailure, in lane: inout Lane
    ) {
        lane.steps.failed(
            attempt, failure, Violation("a fault"), at: now, isEnding: false)
    }

    private mutating func commit(
        _ attempt: PostingSteps.Attempt, in lane: inout Lane, isCalm: Bool
    ) {
        let before = store.recorded.count
        if attempt.waits {
            lane.steps.posted(attempt, store.post(attempt.batch, at: now, clock: 1))
        } else {
            lane.steps.posted(attempt, postFree(attempt.batch, isCalm: isCalm))
        }
        lane.committed.formUnion(store.recorded[before...])
    }

    /// Somebody else has some of the accounts locked.
    private mutating func postFree(_ batch: PostingBatch, isCalm: Bool) -> [PostedGroup] {
        let isLocked = batch.groups.map { _ in !isCalm && random.chance(30) }
        let held = batch.groups.places { _, place in isLocked[place] }
        var free = batch
        free.groups = batch.groups.indices.filter { !held.contains($0) }.map { batch.groups[$0] }
        var outcomes = store.post(free, at: now, clock: 1).makeIterator()
        return batch.groups.indices.map { place in
            if held.contains(place) {
                let accounts = batch.groups[place].transfers.flatMap(\.namedAccounts)
                return .locked(isLocked[place] ? accounts.map { .account($0.number) } : [])
            }
            return outcomes.next() ?? .late
        }
    }
}

// MARK: What callers are told

extension PostingWorld {
    private mutating func answer(_ lane: inout Lane) throws(Violation) {
        var waiting: [(caller: Int, groups: Range<Int>)] = []
        for share in lane.shares {
            guard let results = lane.steps.results(of: share.groups) else {
                waiting.append(share)
                continue
            }
            callers[share.caller].isWaiting = false
            let asked = callers[share.caller].groups
            var open: [[TransferRequest]] = []
            for (group, result) in zip(asked, results) {
                let isOpen = try hear(result, about: group, from: lane)
                if isOpen || callers[share.caller].isOrdered && !open.isEmpty { open.append(group) }
            }
            callers[share.caller].groups = open
        }
        lane.shares = waiting
    }

    /// - Returns: Whether it is to be asked again.
    private mutating func hear(
        _ result: GroupResult, about group: [TransferRequest], from lane: Lane
    ) throws(Violation) -> Bool {
        switch result {
        case .outcomes(let outcomes):
            guard outcomes.count == group.count else { throw Violation("not one for each") }
            for (request, outcome) in zip(group, outcomes) { try hear(outcome, about: request) }
            return false
        case .outcomeUnknown:
            guard lane.hasLostTry else { throw Violation("unknown, and nothing was lost") }
        case .busy, .deadlineExceeded, .failed, .unavailable, .signedOut:
            // The ids that others have asked for in the same batch may have been theirs.
            let own = group.map(\.id).filter { id in
                lane.steps.groups.count { $0.transfers.contains { $0.id == id } } == 1
            }
            guard lane.committed.isDisjoint(with: own) else {
                throw Violation("'\(result)' of what was done: \(group)")
            }
        }
        return true
    }

    /// An outcome is for ever, and it is the ledger's.
    private mutating func hear(
        _ outcome: TransferOutcome, about request: TransferRequest
    ) throws(Violation) {
        if let earlier = told.updateValue(outcome, forKey: request), earlier != outcome {
            throw Violation("\(request): first \(earlier), then \(outcome)")
        }
        switch outcome {
        case .refused(.idUsedWithOtherContent), .refused(.idInvalid): break
        case .done, .refused:
            guard store.books.outcome(of: request) == outcome else {
                throw Violation("\(request) was told \(outcome), and is not recorded so")
            }
        }
    }

    /// What a caller wants in order was done in that order.
    private func checkOrder() throws(Violation) {
        let places = Dictionary(
            store.recorded.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        var uses: [Identifier: Int] = [:]
        for request in asked.joined().joined() { uses[request.id, default: 0] += 1 }
        for (caller, groups) in zip(callers, asked) where caller.isOrdered {
            let own = groups.joined().map(\.id).filter { uses[$0] == 1 }.compactMap { places[$0] }
            guard own == own.sorted() else { throw Violation("out of order: \(groups)") }
        }
    }
}
