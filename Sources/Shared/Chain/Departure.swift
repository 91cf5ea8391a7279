import Synchronization

/// Whether a caller has left: nobody will read what it asked for.
public final class Departure: Sendable {
    private struct State {
        var hasLeft = false
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        var lastID = 0
    }

    private let state = Mutex(State())

    public init() {}

    public func leave() {
        let waiting = state.withLock { state in
            defer { state.waiting = [:] }
            state.hasLeft = true
            return state.waiting.values
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Returns when the caller has left, or the task is cancelled.
    public func wait() async {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mustWait = state.withLock { state in
                    guard !state.hasLeft, !Task.isCancelled else { return false }
                    state.waiting[id] = continuation
                    return true
                }
                if !mustWait { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: id) }?.resume()
        }
    }
}
