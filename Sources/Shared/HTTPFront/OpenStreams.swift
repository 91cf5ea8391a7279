import Synchronization

/// The streams that are open, of all connections together: they have a bound of their own, and end
/// first when the server drains.
final class OpenStreams: Sendable {
    private struct State {
        var ends: [Int: @Sendable () -> Void] = [:]
        var lastPlace = 0
        var isDraining = false
    }

    private let state = Mutex(State())

    /// - Parameter end: Ends the stream; called at the drain, and must not wait.
    /// - Returns: The stream's place, until ``close(_:)``; `nil` past the limit and at a drain.
    func open(limit: Int, end: @escaping @Sendable () -> Void) -> Int? {
        state.withLock { state in
            guard !state.isDraining, state.ends.count < limit else { return nil }
            state.lastPlace += 1
            state.ends[state.lastPlace] = end
            return state.lastPlace
        }
    }

    func close(_ place: Int) {
        _ = state.withLock { $0.ends.removeValue(forKey: place) }
    }

    func drain() {
        state.withLock { state in
            state.isDraining = true
            // Under the lock: a stream's loop is there as long as its place.
            for end in state.ends.values { end() }
        }
    }
}
