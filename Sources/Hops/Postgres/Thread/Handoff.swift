internal import Synchronization

/// A value that one side hands to another, which may have stopped waiting for it: the first one counts.
final class Handoff<Value: Sendable>: Sendable {
    private typealias Waiting = [CheckedContinuation<Value, Never>]

    private struct State {
        var value: Value?
        var waiting: Waiting = []
    }

    private let state = Mutex(State())

    /// - Returns: False when another value was first: the caller keeps this one.
    @discardableResult
    func offer(_ value: Value) -> Bool {
        let (isFirst, waiting) = state.withLock { state -> (Bool, Waiting) in
            guard state.value == nil else { return (false, []) }
            state.value = value
            defer { state.waiting = [] }
            return (true, state.waiting)
        }
        for continuation in waiting { continuation.resume(returning: value) }
        return isFirst
    }

    /// Waits for the first value, whether the task is cancelled or not.
    nonisolated(nonsending) func value() async -> Value {
        await withCheckedContinuation { continuation in
            let value = state.withLock { state in
                if state.value == nil { state.waiting.append(continuation) }
                return state.value
            }
            if let value { continuation.resume(returning: value) }
        }
    }
}
