import Chain
import Ledger

/// Decides how the groups of a batch get their results: what is tried next, and what a try says of each.
///
/// Without I/O, clock and chance, which ``PostingRun`` has. A transaction is tried again until each of its
/// groups has a result: the requests' ids make that safe, since what an earlier try has done is found and not
/// done twice.
struct PostingSteps: Sendable {
    /// How long to go on asking, when nothing but the database can tell what was done.
    static let patience = Duration.seconds(5)
    /// How often to believe that an id is in use by another transaction right now.
    static let sameIDAttempts = 10
    /// How often to look for a lock, after a wait for it that was in vain, before its group is answered as busy.
    static let mostLooks = 4

    /// One transaction.
    struct Attempt: Sendable {
        /// Which of the batch's groups it posts.
        let places: [Int]
        let batch: PostingBatch
        let deadline: Deadline
        /// Whether it waits for locks; else it leaves out the groups that would have to.
        let waits: Bool
    }

    enum Step: Sendable {
        case post(Attempt)
        /// Wait before the next step, between a half of this and the whole: those who met shall not meet again.
        case pause(Duration)
        case done
    }

    let groups: [PostingGroup]
    private(set) var results: [GroupResult?]
    private let keptLocked: KeptLocked
    /// What is worked on; the last one first. The others wait for it.
    private var scopes: [Scope]

    init(_ groups: [PostingGroup], keptLocked: KeptLocked) {
        self.groups = groups
        self.keptLocked = keptLocked
        results = Array(repeating: nil, count: groups.count)
        scopes = [Scope(Array(groups.indices), apart: keptLocked.places(in: groups))]
    }

    /// The results of some groups, in order; nil while one of them has none.
    func results(of groups: Range<Int>) -> [GroupResult]? {
        let known = results[groups].compactMap { $0 }
        return known.count == groups.count ? known : nil
    }

    // MARK: What is next

    /// First those together who may wait for their locks, then the others without waiting.
    mutating func next(at now: ContinuousClock.Instant) -> Step {
        while var scope = scopes.last {
            if let pause = scope.takePause() {
                scopes[scopes.count - 1] = scope
                return .pause(pause)
            }
            settleExpired(in: scope, at: now)
            let open = scope.places.filter { results[$0] == nil }
            guard !open.isEmpty else {
                scopes.removeLast()
                continue
            }
            let waiting = scope.isLooking ? [] : open.filter { !scope.apart.contains($0) }
            if waiting.isEmpty, let pause = scope.takePauseBeforeLook() {
                scopes[scopes.count - 1] = scope
                return .pause(pause)
            }
            let tried = waiting.isEmpty ? open : waiting
            let batch = PostingBatch(
                groups: groups.picked(tried), mayBeDone: scope.settleBy != nil)
            return .post(
                Attempt(
                    places: tried, batch: batch,
                    deadline: max(batch.deadline, scope.settleBy ?? batch.deadline),
                    waits: !waiting.isEmpty))
        }
        return .done
    }

    /// Past its deadline a group is not tried again, unless an earlier try may have done it.
    private mutating func settleExpired(in scope: Scope, at now: ContinuousClock.Instant) {
        if let settleBy = scope.settleBy {
            if settleBy.instant <= now { settle(scope.places, .outcomeUnknown) }
            return
        }
        for place in scope.places where groups[place].deadline.instant <= now {
            settle(place, .deadlineExceeded)
        }
    }

    // MARK: Outcomes

    mutating func posted(_ attempt: Attempt, _ results: [PostedGroup]) {
        guard var scope = scopes.popLast() else { return }
        if !attempt.waits { scope.isLooking = false }
        var heldUp: [HeldUp] = []
        for (place, result) in zip(attempt.places, results) {
            switch result {
            case .outcomes(let outcomes):
                settle(place, .outcomes(outcomes))
                keptLocked.forget(groups[place])
            case .late: settle(place, .deadlineExceeded)
            case .signedOut: settle(place, .signedOut)
            case .locked(let names): heldUp.append((place, names))
            }
        }
        if attempt.waits {
            scopes.append(scope)
            return
        }
        // All deposits of a currency want its cash account, and it is nearly always locked by one of them.
        // Only when no other is locked is it the one that was waited for in vain.
        let isOnlyCash = heldUp.allSatisfy { $0.names.allSatisfy(\.isCash) }
        settleBusy(
            heldUp.filter { place, names in
                isOnlyCash || scope.apart.contains(place) || !names.allSatisfy(\.isCash)
            }, in: &scope)
        scopes.append(scope)
    }

    /// - Parameters:
    ///   - isEnding: Whether there is no time to wait for a database that cannot be had.
    /// - Returns: Whether it is known now that a single group cannot be posted.
    @discardableResult
    mutating func failed(
        _ attempt: Attempt, _ failure: PostingFailure, _ error: any Error,
        at now: ContinuousClock.Instant, isEnding: Bool
    ) -> Bool {
        guard var scope = scopes.popLast() else { return false }
        scope.failures += 1
        switch failure {
        case .conflict, .interrupted: scope.pauseAfterFailure()
        case .lockTimeout:
            // A batch that waits for no account may still meet an id that is in use right now.
            if scope.isLooking { settleBusy(attempt.places.map { ($0, []) }, in: &scope) }
            (scope.isLooking, scope.hasWaited) = (true, true)
        case .sameID where scope.sameIDFailures < Self.sameIDAttempts:
            scope.sameIDFailures += 1
            scope.pauseAfterFailure()
        case .unknown:
            scope.settleBy = scope.settleBy ?? Deadline(now + Self.patience)
            scope.pauseAfterFailure()
        case .deadlineExceeded: break
        case .unavailable where isEnding || scope.settleBy == nil:
            settle(attempt.places, scope.notDone(.unavailable(error)))
        case .unavailable: scope.pauseAfterFailure()
        case .sameID, .unexpected:
            scopes.append(scope)
            return isolate(attempt, in: scope)
        }
        scopes.append(scope)
        return false
    }

    /// Finds the group that makes the others fail, by halves, so that only it is told so.
    private mutating func isolate(_ attempt: Attempt, in scope: Scope) -> Bool {
        let places = attempt.places
        guard places.count > 1 else {
            settle(places, scope.notDone(.failed))
            return true
        }
        let apart = keptLocked.places(in: groups)
        for half in [places.dropFirst(places.count / 2), places.prefix(places.count / 2)] {
            scopes.append(Scope(Array(half), apart: apart, settleBy: scope.settleBy))
        }
        return false
    }

    private typealias HeldUp = (place: Int, names: [KeptLocked.Name])

    /// A group that was known to need a locked account is answered at once. Another may have met a lock
    /// that lasts for a moment only, and is answered when it was looked for a few times.
    private mutating func settleBusy(_ heldUp: [HeldUp], in scope: inout Scope) {
        let places = Set(heldUp.map(\.place)).union(scope.apart)
        scope.apart = groups.places { _, place in places.contains(place) }
        scope.looks += 1
        guard !scope.hasWaited || scope.looks >= Self.mostLooks else { return }
        for (place, names) in heldUp {
            settle(place, scope.notDone(.busy))
            // Only after a wait: else groups that never wait would keep finding a busy account locked.
            if scope.hasWaited { keptLocked.remember(names) }
        }
    }

    private mutating func settle(_ places: some Sequence<Int>, _ result: GroupResult) {
        for place in places { settle(place, result) }
    }

    /// Those behind a group that follow it are not done before it: while it is not, they fare as it does.
    private mutating func settle(_ place: Int, _ result: GroupResult) {
        guard results[place] == nil else { return }
        results[place] = result
        guard !result.isFinal else { return }
        for next in groups.indices[(place + 1)...] {
            guard groups[next].follows, results[next] == nil else { return }
            results[next] = result
        }
    }
}

extension KeptLocked.Name {
    fileprivate var isCash: Bool { if case .cash = self { true } else { false } }
}
