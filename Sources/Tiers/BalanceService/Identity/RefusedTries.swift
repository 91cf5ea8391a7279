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
        /// Bounds what is remembered.
        var entries = 10_000
    }

    private let limits: Limits
    private let trail: SecurityTrail
    /// By person, and by address where nobody has signed in: when the next try is free.
    private let due = Mutex<[String: ContinuousClock.Instant]>([:])

    init(_ limits: Limits = Limits(), trail: SecurityTrail) {
        self.limits = limits
        self.trail = trail
    }

    /// Those of some people who have to wait.
    func exhausted(
        among people: some Sequence<UserName>, at now: ContinuousClock.Instant = .now
    ) -> Set<UserName> {
        due.withLock { due in
            if due.isEmpty { return [] }
            let latest = now + slack
            return Set(people.filter { due[$0.description].map { $0 > latest } ?? false })
        }
    }

    /// - Parameter session: Of whoever tried; nil: she has none that counts.
    func note(
        _ session: CallerSession?, _ origin: Origin, at now: ContinuousClock.Instant = .now
    ) {
        if let event = event(by: session?.asker, origin, at: now) { trail.add(event) }
    }

    /// A try, for whoever writes it in a transaction of hers; nil: the trail has enough of them.
    ///
    /// - Parameter asker: Nil: her session does not count.
    func event(
        by asker: Asker?, _ origin: Origin, at now: ContinuousClock.Instant = .now
    ) -> SecurityEvent? {
        // Operators may see it all: what there is not for them is a mistake.
        if case .person(_, isOperator: true) = asker { return nil }
        let user = asker?.name?.description
        guard take(user ?? "\u{0}\(origin.source ?? "")", at: now) else { return nil }
        return SecurityEvent(
            kind: user == nil ? .sessionRefused : .actRefused, user: user, origin: origin)
    }

    /// - Returns: Whether it was one of those that are free; the trail has no more of them than that.
    private func take(_ key: String, at now: ContinuousClock.Instant) -> Bool {
        due.withLock { due in
            if due.count >= limits.entries { due = due.filter { $0.value > now } }
            if due.count >= limits.entries { due.removeAll() }
            let before = max(due[key] ?? now, now)
            let isFree = before <= now + slack
            // No further than that: a file of refused transfers is not punished for hours.
            if isFree { due[key] = before + limits.interval }
            return isFree
        }
    }

    private var slack: Duration { limits.interval * (limits.burst - 1) }
}
