import Synchronization

/// Whether the service can answer, and who wants to hear when that changes.
final class ServingStatus: Sendable {
    private struct State {
        /// `nil` until the database was first asked.
        var isServing: Bool?
        var isDraining = false
        var watchers: [Int: AsyncStream<Bool>.Continuation] = [:]
        var lastWatcher = 0
    }

    private let state = Mutex(State())

    /// True while PostgreSQL answers and the service is not shutting down.
    var isServing: Bool { state.withLock { $0.isServing ?? false } }

    var isDraining: Bool { state.withLock { $0.isDraining } }

    /// Tells what the database did when last asked; without effect once the service drains.
    ///
    /// - Returns: Whether that changed the status.
    @discardableResult
    func update(isServing: Bool) -> Bool {
        state.withLock { state in
            guard !state.isDraining, state.isServing != isServing else { return false }
            state.isServing = isServing
            for watcher in state.watchers.values { watcher.yield(isServing) }
            return true
        }
    }

    /// Not serving from now on; watchers are told and let go, or they would keep the server open.
    func drain() {
        let watchers = state.withLock { state in
            defer { state.watchers = [:] }
            state.isDraining = true
            state.isServing = false
            return state.watchers.values
        }
        // Not in the lock: the end of a stream comes back to take its watcher out.
        for watcher in watchers {
            watcher.yield(false)
            watcher.finish()
        }
    }

    /// The status now and then each change, the newest one when a watcher is slow.
    func changes() -> AsyncStream<Bool> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            state.withLock { state in
                continuation.yield(state.isServing ?? false)
                guard !state.isDraining else { return continuation.finish() }
                state.lastWatcher += 1
                let id = state.lastWatcher
                state.watchers[id] = continuation
                continuation.onTermination = { [weak self] _ in
                    self?.state.withLock { $0.watchers[id] = nil }
                }
            }
        }
    }
}
