import Chain
import Ledger
import Synchronization

/// How much people try that there is not, or not for them: each try is noted in the trail, and whoever makes
/// too many waits. What moves nothing would else tell, bit by bit, what others have.
final class RefusedTries: Sendable {
    struct Limits: Sendable {
        /// Tries that may come at once.
        var burst = 60
        /// After that, one in each.
        var interval = Duration.seconds(1)
        /// Tries past those, as in one batch, that are waited for as well.
        var debt = 60
        /// Bounds what is remembered: twice as many.
        var entries = 10_000
    }

    private struct State {
        /// When the next try is free.
        var people: Generations<UserName, ContinuousClock.Instant>
        /// By the network of those who have not signed in, and of whoever's is not known.
        var strangers: Generations<String, ContinuousClock.Instant>
    }

    private enum Place {
        case free, firstOver, over
    }

    private let limits: Limits
    private let trail: SecurityTrail
    private let state: Mutex<State>

    init(_ limits: Limits = Limits(), trail: SecurityTrail) {
        self.limits = limits
        self.trail = trail
        state = Mutex(
            State(
                people: Generations(limit: limits.entries),
                strangers: Generations(limit: limits.entries)))
    }

    /// Those of some people who have to wait.
    func exhausted(
        among people: some Sequence<UserName>, at now: ContinuousClock.Instant = .now
    ) -> Set<UserName> {
        state.withLock { state in
            if state.people.isEmpty { return [] }
            let latest = now + slack
            return Set(people.filter { state.people[$0].map { $0 > latest } ?? false })
        }
    }

    /// - Parameters:
    ///   - session: Of whoever tried; nil: she has none that counts.
    ///   - isOfRights: Whether it was refused as not hers, or as nothing that there is; else it only counts.
    func note(
        _ session: CallerSession?, _ origin: Origin, isOfRights: Bool = true,
        at now: ContinuousClock.Instant = .now
    ) {
        let event = event(by: session?.asker, origin, isOfRights: isOfRights, at: now)
        if let event { trail.add(event) }
    }

    /// A try, for whoever writes it in a transaction of hers; nil: the trail has enough of them.
    ///
    /// - Parameter asker: Nil: her session does not count.
    func event(
        by asker: Asker?, _ origin: Origin, isOfRights: Bool = true,
        at now: ContinuousClock.Instant = .now
    ) -> SecurityEvent? {
        // Operators may see it all: what there is not for them is a mistake.
        if case .person(_, isOperator: true) = asker { return nil }
        let name = asker?.name
        let place = state.withLock { state in
            if let name { return take(&state.people[name], at: now) }
            return take(&state.strangers[origin.network ?? ""], at: now)
        }
        let kind: SecurityEvent.Kind
        switch place {
        case .free where isOfRights: kind = name == nil ? .sessionRefused : .actRefused
        case .firstOver: kind = .triesExceeded
        case .free, .over: return nil
        }
        return SecurityEvent(kind: kind, user: name?.description, origin: origin)
    }

    private func take(
        _ due: inout ContinuousClock.Instant?, at now: ContinuousClock.Instant
    ) -> Place {
        let before = max(due ?? now, now)
        due = min(before + limits.interval, now + slack + limits.interval * (limits.debt + 1))
        if before <= now + slack { return .free }
        return before <= now + slack + limits.interval ? .firstOver : .over
    }

    private var slack: Duration { limits.interval * (limits.burst - 1) }
}
