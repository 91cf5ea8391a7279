import Chain
import Synchronization

/// The calls of a session that are on their way, by worker.
///
/// gRPC's own client-side timeout costs two tasks and a timer a call. The callers' deadlines are
/// kept by the batcher and the service; this finds the service that keeps none.
final class CallsInFlight: Sendable {
    private struct State {
        var ends: [Int: Deadline] = [:]
        var isRetired = false
    }

    private let state = Mutex(State())

    /// - Parameter end: When the service counts as hung if the call has not ended.
    /// - Returns: false when the session takes no more calls.
    func begin(_ worker: Int, until end: Deadline) -> Bool {
        state.withLock { state in
            guard !state.isRetired else { return false }
            state.ends[worker] = end
            return true
        }
    }

    func end(_ worker: Int) {
        state.withLock { $0.ends[worker] = nil }
    }

    func retire() {
        state.withLock { $0.isRetired = true }
    }

    var isEmpty: Bool { state.withLock { $0.ends.isEmpty } }

    var isOverdue: Bool {
        state.withLock { state in state.ends.values.contains(where: \.hasPassed) }
    }
}
