/// How long to wait after the n-th failure in a row: doubling, with jitter so that the connections of
/// all processes do not come back at the same instant.
struct Backoff {
    private let first = Duration.milliseconds(50)
    private let longest = Duration.seconds(1)
    private var failures = 0

    /// How long a connection must live to count as a success.
    private let shortestLife = Duration.seconds(1)

    /// What to wait after a connection that was made and then ended: one that ends at once, each time,
    /// is no better than none.
    mutating func next(
        afterLiving life: Duration, fraction: Double = .random(in: 0...1)
    ) -> Duration {
        guard life >= shortestLife else { return next(fraction: fraction) }
        failures = 0
        return .zero
    }

    /// - Parameter fraction: of the jitter, 0 to 1.
    mutating func next(fraction: Double = .random(in: 0...1)) -> Duration {
        let bound = min(first * (1 << min(failures, 10)), longest)
        failures += 1
        return bound / 2 + bound / 2 * fraction
    }
}
