/// How often a password may be tried. A decision without a clock of its own.
///
/// Who fails for one user from one address waits twice as long each time. An address for whatever users, and a
/// user from wherever, is tried so many times at once and then one time a second, by whoever comes first: she is
/// never locked out.
struct LoginThrottle {
    /// Tries that may come at once, and how long it takes until there is another one.
    struct Rate {
        var burst: Int
        var interval = Duration.seconds(1)
    }

    struct Limits {
        /// Failures of a user and an address that cost nothing.
        var freeFailures = 3
        var firstDelay = Duration.seconds(1)
        var longestDelay = Duration.seconds(60)
        /// For how long failures count.
        var memory = Duration.seconds(900)
        var user = Rate(burst: 10)
        /// Many people may share an address; a try that was right is not counted.
        var source = Rate(burst: 30)
        /// Bounds what is remembered: twice as many.
        var entries = 10_000
    }

    private enum Key: Hashable {
        case source(String)
        case pair(user: String, source: String)
        case user(String)
    }

    private struct Entry {
        /// Of a pair.
        var failures = 0
        /// When the next try is free; of a rate, that no try at once uses up.
        var due: ContinuousClock.Instant
        var last: ContinuousClock.Instant
    }

    private let limits: Limits
    private var entries: Generations<Key, Entry>

    init(_ limits: Limits = Limits()) {
        self.limits = limits
        entries = Generations(limit: limits.entries)
    }

    /// How many entries there are.
    var count: Int { entries.count }

    /// Takes a try, which counts as failed until ``succeed(user:source:)``. One that has to wait leaves
    /// nothing behind.
    ///
    /// - Parameter source: Where it comes from; nil: nobody knows, and the user's rate alone counts.
    /// - Returns: How long to wait first; nil: it may be made.
    mutating func take(
        user: String, source: String?, at now: ContinuousClock.Instant
    ) -> Duration? {
        let taken = keys(user, source).map { ($0, entry($0, now)) }
        let wait = taken.map { $1.due - slack(of: $0) - now }.max() ?? .zero
        guard wait <= .zero else { return wait }
        for (key, entry) in taken { keep(key, counted(entry, key, now), now) }
        return nil
    }

    /// The try was right: its failures are forgotten, and the address has it back.
    mutating func succeed(user: String, source: String?) {
        guard let source else { return }
        undo(.source(source))
        entries[.pair(user: user, source: source)] = nil
    }

    /// The try was not made after all.
    mutating func giveBack(user: String, source: String?) {
        for key in keys(user, source) { undo(key) }
    }

    private func keys(_ user: String, _ source: String?) -> [Key] {
        guard let source else { return [.user(user)] }
        return [.source(source), .pair(user: user, source: source), .user(user)]
    }

    /// Nil for a pair, which has delays.
    private func rate(of key: Key) -> Rate? {
        switch key {
        case .source: limits.source
        case .user: limits.user
        case .pair: nil
        }
    }

    private func slack(of key: Key) -> Duration {
        rate(of: key).map { $0.interval * ($0.burst - 1) } ?? .zero
    }

    private func counted(_ entry: Entry, _ key: Key, _ now: ContinuousClock.Instant) -> Entry {
        var entry = entry
        if let rate = rate(of: key) {
            entry.due = max(entry.due, now) + rate.interval
        } else {
            entry.failures += 1
            entry.due = now + delay(after: entry.failures)
        }
        return entry
    }

    private mutating func undo(_ key: Key) {
        guard var entry = entries[key] else { return }
        if let rate = rate(of: key) {
            entry.due -= rate.interval
        } else if entry.failures > 0 {
            entry.due -= delay(after: entry.failures)
            entry.failures -= 1
        }
        entries[key] = entry
    }

    private func delay(after failures: Int) -> Duration {
        let doublings = failures - limits.freeFailures
        guard doublings >= 0 else { return .zero }
        return min(limits.firstDelay * (1 << min(doublings, 16)), limits.longestDelay)
    }

    private func entry(_ key: Key, _ now: ContinuousClock.Instant) -> Entry {
        guard let entry = entries[key], now - entry.last < limits.memory else {
            return Entry(due: now, last: now)
        }
        return entry
    }

    private mutating func keep(_ key: Key, _ entry: Entry, _ now: ContinuousClock.Instant) {
        var entry = entry
        entry.last = now
        entries[key] = entry
    }
}
