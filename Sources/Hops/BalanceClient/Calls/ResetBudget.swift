import Synchronization

/// How many calls may be ended before their answer. Past 200 resets in 30 seconds a service closes the
/// connection.
final class ResetBudget: Sendable {
    private static let window = Duration.seconds(30)
    private static let limit = 100

    private let state = Mutex((start: ContinuousClock.now, count: 0))

    /// - Returns: Whether another call may be ended now.
    func take(at now: ContinuousClock.Instant = .now) -> Bool {
        state.withLock { state in
            if state.start + Self.window <= now { state = (now, 0) }
            guard state.count < Self.limit else { return false }
            state.count += 1
            return true
        }
    }
}
