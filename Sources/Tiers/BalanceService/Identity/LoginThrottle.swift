/// How often a password may be tried. A decision without a clock of its own.
///
/// Who fails for one user from one address waits twice as long each time. A user, from wherever, is tried so
/// many times at once and then one time a second, by whoever comes first: she is never locked out.
struct LoginThrottle {
    struct Limits {
        /// Failures of a user and an address that cost nothing.
        var freeFailures = 3
        var firstDelay = Duration.seconds(1)
        var longestDelay = Duration.seconds(60)
        /// For how long failures count.
        var memory = Duration.seconds(900)
        /// Tries of a user, from wherever, that may come at once.
        var burst = 10
        var interval = Duration.seconds(1)
        /// Bounds what is remembered: twice as many.
        var entries = 10_000
    }

    private struct Key: Hashable {
        var user: String
        /// Nil: all of them.
        var source: String?
    }

    private struct Entry {
        var failures = 0
        /// When the next try is free.
        var due: ContinuousClock.Instant
        var last: ContinuousClock.Instant
    }

    private let limits: Limits
    /// What is new is in the first; when that is full, what is in the second is forgotten.
    private var recent: [Key: Entry] = [:]
    private var older: [Key: Entry] = [:]

    init(_ limits: Limits = Limits()) { self.limits = limits }

    /// Takes a try, which counts as failed until ``succeed(user:source:)``.
    ///
    /// - Returns: How long to wait first; nil: it may be made.
    mutating func take(
        user: String, source: String, at now: ContinuousClock.Instant
    ) -> Duration? {
        let (pair, all) = (Key(user: user, source: source), Key(user: user))
        var entry = self.entry(pair, now)
        var rate = self.entry(all, now)
        let slack = limits.interval * (limits.burst - 1)
        let wait = max(entry.due - now, rate.due - slack - now)
        guard wait <= .zero else { return wait }
        entry.failures += 1
        entry.due = now + delay(after: entry.failures)
        rate.due = max(rate.due, now) + limits.interval
        keep(pair, entry, now)
        keep(all, rate, now)
        return nil
    }

    /// The try was right: its failures are forgotten.
    mutating func succeed(user: String, source: String) {
        recent[Key(user: user, source: source)] = nil
        older[Key(user: user, source: source)] = nil
    }

    private func delay(after failures: Int) -> Duration {
        let doublings = failures - limits.freeFailures
        guard doublings >= 0 else { return .zero }
        return min(limits.firstDelay * (1 << min(doublings, 16)), limits.longestDelay)
    }

    private func entry(_ key: Key, _ now: ContinuousClock.Instant) -> Entry {
        guard let entry = recent[key] ?? older[key], now - entry.last < limits.memory else {
            return Entry(due: now, last: now)
        }
        return entry
    }

    private mutating func keep(_ key: Key, _ entry: Entry, _ now: ContinuousClock.Instant) {
        if recent.count >= limits.entries { (older, recent) = (recent, [:]) }
        recent[key] = entry
        recent[key]?.last = now
    }
}
