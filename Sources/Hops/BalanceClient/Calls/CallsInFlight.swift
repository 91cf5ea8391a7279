import Chain
import Synchronization

/// The batches of a session that are on their way, by worker, and what has come back.
///
/// gRPC's own client-side timeout costs two tasks and a timer a call, and resets the call's stream. The
/// callers' deadlines are kept by the batcher and the service; this finds the service that keeps none.
final class CallsInFlight: Sendable {
    /// How far past its deadline a call may go before the service counts as hung: it may take up to 6 s
    /// to find out what became of a COMMIT that got no answer.
    static let grace = Duration.seconds(7)

    private struct State {
        var ends: [Int: Deadline] = [:]
        var isRetired = false
        var answers = 0
        var isOverdue = false
    }

    private let state = Mutex(State())

    /// - Parameter deadline: The last one of those who wait.
    /// - Returns: false when the session takes no more calls.
    func begin(_ worker: Int, deadline: Deadline) -> Bool {
        state.withLock { state in
            guard !state.isRetired else { return false }
            state.ends[worker] = Deadline(deadline.instant + Self.grace)
            return true
        }
    }

    func end(_ worker: Int) {
        state.withLock { state in
            state.ends[worker] = nil
            state.answers += 1
        }
    }

    /// A call that is in no batch was answered.
    func noteAnswer() {
        state.withLock { $0.answers += 1 }
    }

    /// A call that is in no batch has gone past its deadline and the grace.
    func noteOverdue() {
        state.withLock { $0.isOverdue = true }
    }

    /// How many calls were answered: while it grows the service lives.
    var answers: Int { state.withLock { $0.answers } }

    /// Whether the session takes no more calls.
    var isRetired: Bool { state.withLock { $0.isRetired } }

    func retire() {
        state.withLock { $0.isRetired = true }
    }

    /// - Parameter workers: Those that are asked about.
    func isEmpty(_ workers: some RangeExpression<Int>) -> Bool {
        state.withLock { state in !state.ends.keys.contains { workers.contains($0) } }
    }

    var isOverdue: Bool {
        state.withLock { $0.isOverdue || $0.ends.values.contains(where: \.hasPassed) }
    }
}
