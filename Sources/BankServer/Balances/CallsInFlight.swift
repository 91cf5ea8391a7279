import Chain
import Synchronization

/// The calls of a session that are on their way, by worker.
///
/// gRPC's own client-side timeout costs two tasks and a timer a call. The callers' deadlines are
/// kept by the batcher and the service; this finds the service that keeps none.
final class CallsInFlight: Sendable {
    private struct State {
        var deadlines: [Int: Deadline] = [:]
        var isRetired = false
    }

    private let state = Mutex(State())

    /// - Returns: false when the session takes no more calls.
    func begin(_ worker: Int, _ deadline: Deadline) -> Bool {
        state.withLock { state in
            guard !state.isRetired else { return false }
            state.deadlines[worker] = deadline
            return true
        }
    }

    func end(_ worker: Int) {
        state.withLock { $0.deadlines[worker] = nil }
    }

    func retire() {
        state.withLock { $0.isRetired = true }
    }

    var isEmpty: Bool { state.withLock { $0.deadlines.isEmpty } }

    func isOverdue(by grace: Duration) -> Bool {
        let limit = Deadline(.now.advanced(by: .zero - grace))
        return state.withLock { state in state.deadlines.values.contains { $0 < limit } }
    }
}
