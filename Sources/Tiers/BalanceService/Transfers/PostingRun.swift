import Chain
import Ledger
import Logging

/// Runs the transaction of a batch again until each of its groups has a result. The requests' ids make
/// that safe: what an earlier run has done is found, and not done twice.
struct PostingRun {
    /// How long to go on asking, when nothing but the database can tell what was done.
    static let patience = Duration.seconds(5)
    /// How often to believe that an id is used by somebody else just now.
    static let sameIDAttempts = 10
    /// How often to look for a lock, after a wait for it that was in vain, before who wants it is told.
    static let mostLooks = 4

    let transactions: any PostingTransactions
    let logger: Logger
    let groups: [PostingGroup]
    var results: [GroupResult?]
    /// Set by the first run of which it is not known whether it was committed.
    private(set) var settleBy: Deadline?
    private var failures = 0
    private var sameIDFailures = 0
    let keptLocked: KeptLocked
    /// The places of groups that want what somebody keeps locked: they wait for nothing any more.
    var apart: Set<Int>
    /// A lock was not had in time: who keeps which is looked for next.
    var isLooking = false
    private(set) var hasWaited = false
    /// How often was looked.
    var looks = 0

    init(
        _ groups: [PostingGroup], transactions: any PostingTransactions,
        keptLocked: KeptLocked = KeptLocked(), settleBy: Deadline? = nil, logger: Logger
    ) {
        self.groups = groups
        self.transactions = transactions
        self.settleBy = settleBy
        self.logger = logger
        self.keptLocked = keptLocked
        apart = keptLocked.places(in: groups)
        results = Array(repeating: nil, count: groups.count)
    }

    /// Whether each group has a result.
    var isDone: Bool { open.isEmpty }

    /// The places of the groups that have no result yet.
    private var open: [Int] { results.indices.filter { results[$0] == nil } }

    /// - Returns: A result for each group, in order.
    mutating func run() async -> [GroupResult] {
        while !isDone { await advance() }
        return results.map { $0 ?? .outcomeUnknown }
    }

    /// The results of some groups, in order; nil while one of them has none.
    func results(of groups: Range<Int>) -> [GroupResult]? {
        let known = results[groups].compactMap { $0 }
        return known.count == groups.count ? known : nil
    }

    /// Tries once: first those together who may wait for their locks, then the others without waiting.
    mutating func advance() async {
        settleExpired()
        let open = open
        guard !open.isEmpty else { return }
        let waiting = isLooking ? [] : open.filter { !apart.contains($0) }
        let tried = waiting.isEmpty ? open : waiting
        let batch = PostingBatch(groups: groups.picked(tried), mayBeDone: settleBy != nil)
        let deadline = max(batch.deadline, settleBy ?? batch.deadline)
        do {
            if waiting.isEmpty {
                await pauseBeforeLook()
                let results = try await transactions.postFree(batch, deadline: deadline)
                finish(tried, results)
            } else {
                let outcomes = try await transactions.post(batch, deadline: deadline)
                for (index, outcomes) in zip(tried, outcomes) {
                    settle(index, outcomes.map { .outcomes($0) } ?? .deadlineExceeded)
                    keptLocked.forget(groups[index])
                }
            }
        } catch {
            await recover(from: error, tried)
        }
    }

    /// Past its deadline a group is not run again, unless an earlier run may have done it.
    private mutating func settleExpired() {
        if let settleBy {
            if settleBy.hasPassed { settle(results.indices, .outcomeUnknown) }
            return
        }
        for index in open where groups[index].deadline.hasPassed {
            settle(index, .deadlineExceeded)
        }
    }

    mutating func settle(_ indices: some Sequence<Int>, _ result: GroupResult) {
        for index in indices { settle(index, result) }
    }

    /// Those behind a group that follow it are not done before it: while it is not, they fare as it does.
    mutating func settle(_ index: Int, _ result: GroupResult) {
        guard results[index] == nil else { return }
        results[index] = result
        guard !result.isFinal else { return }
        for next in groups.indices[(index + 1)...] {
            guard groups[next].follows, results[next] == nil else { return }
            results[next] = result
        }
    }

    private mutating func recover(from error: any Error, _ open: [Int]) async {
        failures += 1
        logger.debug(
            "posting failed", metadata: ["cause": .string(String(reflecting: error))])
        switch PostingFailure(error) {
        case .conflict, .interrupted: await pause()
        case .lockTimeout:
            // Who does not wait for an account may still meet an id that somebody uses just now.
            if isLooking { settleBusy(open.map { ($0, []) }) }
            (isLooking, hasWaited) = (true, true)
        case .sameID:
            sameIDFailures += 1
            if sameIDFailures > Self.sameIDAttempts { return await isolate(open, error) }
            await pause()
        case .unknown:
            settleBy = settleBy ?? .after(Self.patience)
            await pause()
        case .deadlineExceeded: break
        case .unavailable:
            if Task.isCancelled || settleBy == nil {
                return settle(open, notDone(.unavailable(error)))
            }
            await pause()
        case .unexpected: await isolate(open, error)
        }
    }

    /// - Parameter result: That of a group that the last try did not do; an earlier one may have.
    func notDone(_ result: GroupResult) -> GroupResult {
        settleBy == nil ? result : .outcomeUnknown
    }

    /// The first time not at all; then longer each time, and never the same, so that those who met do
    /// not meet again.
    private func pause() async {
        guard failures > 1 else { return }
        let bound = Duration.milliseconds(1) * (1 << min(failures, 6))
        try? await Task.sleep(for: bound * Double.random(in: 0.5...1))
    }
}
