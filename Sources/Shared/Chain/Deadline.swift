/// The instant by which a caller wants its answer.
///
/// One deadline runs through the whole chain: it is set at the front client, crosses each hop as
/// what is left of it, and work past it is refused before it reaches the database.
public struct Deadline: Sendable, Hashable, Comparable {
    /// The longest time that a caller may ask for. Longer ones are cut to it, so that no peer can
    /// keep a place in a queue for years.
    public static let longest: Duration = .seconds(300)

    public var instant: ContinuousClock.Instant

    public init(_ instant: ContinuousClock.Instant) {
        self.instant = instant
    }

    /// A deadline that is `duration` away, at most ``longest``.
    public static func after(_ duration: Duration) -> Deadline {
        Deadline(.now.advanced(by: min(max(duration, .zero), longest)))
    }

    /// What is left; zero once it has passed.
    public var remaining: Duration {
        max(.zero, ContinuousClock.now.duration(to: instant))
    }

    public var hasPassed: Bool { instant <= .now }

    public static func < (lhs: Deadline, rhs: Deadline) -> Bool { lhs.instant < rhs.instant }
}
