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

    let transactions: any PostingTransactions
    let logger: Logger
    let groups: [PostingGroup]
    var results: [GroupResult?]
    /// Set by the first run of which it is not known whether it was committed.
    private(set) var settleBy: Deadline?
    private var failures = 0
    private var sameIDFailures = 0

    init(
        _ groups: [PostingGroup], transactions: any PostingTransactions, settleBy: Deadline? = nil,
        logger: Logger
    ) {
        self.groups = groups
        self.transactions = transactions
        self.settleBy = settleBy
        self.logger = logger
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

    /// Tries once.
    mutating func advance() async {
        settleExpired()
        let open = open
        guard !open.isEmpty else { return }
        let batch = PostingBatch(groups: open.map { groups[$0] }, mayBeDone: settleBy != nil)
        let deadline = max(batch.deadline, settleBy ?? batch.deadline)
        do {
            let outcomes = try await transactions.post(batch, deadline: deadline)
            for (index, outcomes) in zip(open, outcomes) {
                results[index] = outcomes.map { .outcomes($0) } ?? .deadlineExceeded
            }
        } catch {
            await recover(from: error, open)
        }
    }

    /// Past its deadline a group is not run again, unless an earlier run may have done it.
    private mutating func settleExpired() {
        if let settleBy {
            if settleBy.hasPassed { settle(results.indices, .outcomeUnknown) }
            return
        }
        for index in results.indices where groups[index].deadline.hasPassed {
            settle(index...index, .deadlineExceeded)
        }
    }

    mutating func settle(_ indices: some Sequence<Int>, _ result: GroupResult) {
        for index in indices where results[index] == nil { results[index] = result }
    }

    private mutating func recover(from error: any Error, _ open: [Int]) async {
        failures += 1
        logger.debug(
            "posting failed", metadata: ["cause": .string(String(reflecting: error))])
        switch PostingFailure(error) {
        case .conflict, .interrupted: await pause()
        case .lockTimeout: await settleBusy(open)
        case .sameID:
            sameIDFailures += 1
            if sameIDFailures > Self.sameIDAttempts { return await isolate(open, error) }
            await pause()
        case .unknown:
            settleBy = settleBy ?? .after(Self.patience)
            await pause()
        case .committedLocally: settle(open, .outcomeUnknown)
        case .deadlineExceeded: break
        case .unavailable:
            if Task.isCancelled || settleBy == nil {
                return settle(open, notDone(.unavailable(error)))
            }
            await pause()
        case .unexpected: await isolate(open, error)
        }
    }

    /// Who wants a locked account is told so at once, and keeps none of the others waiting.
    private mutating func settleBusy(_ open: [Int]) async {
        let batch = PostingBatch(groups: open.map { groups[$0] })
        do {
            let blocked = try await transactions.blocked(
                batch.groups, deadline: settleBy ?? batch.deadline)
            settle(blocked.map { open[$0] }, notDone(.busy))
        } catch {
            // The next try tells what it is that fails.
            logger.debug(
                "locks not found", metadata: ["cause": .string(String(reflecting: error))])
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
