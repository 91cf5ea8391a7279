internal import Dispatch
internal import Synchronization

/// Calls of libpq that block (name look-up, connecting, cancelling) run here, each on a thread of its
/// own: never the reactor's or Swift's cooperative ones, and not in a pool of threads, where a cancel
/// request would wait behind others. A connection waits for one at a time, but one that it no longer
/// waits for goes on until its call returns: how many there are is bounded by the connections, the pause
/// between their attempts, and the time after which the system gives up a look-up or a peer.
enum Helper {
    static func run(_ work: @escaping @Sendable () -> Void) {
        // Without a thread to be had, later is better than never.
        if !System.startThread(work) { DispatchQueue.global().async(execute: work) }
    }
}

/// A value that one side hands to another which may have stopped waiting for it.
final class Handoff<Value: Sendable>: Sendable {
    private enum State {
        case empty
        case waiting(CheckedContinuation<Value, Never>)
        case full(Value)
        case done
    }

    private let state = Mutex(State.empty)

    /// - Returns: false when another value was first: the caller keeps this one.
    func offer(_ value: Value) -> Bool {
        let before = state.withLock { state in
            let before = state
            switch state {
            case .empty: state = .full(value)
            case .waiting: state = .done
            case .full, .done: break
            }
            return before
        }
        switch before {
        case .empty: return true
        case .waiting(let continuation):
            continuation.resume(returning: value)
            return true
        case .full, .done: return false
        }
    }

    /// Waits for the first value. Called once.
    func value() async -> Value {
        await withCheckedContinuation { continuation in
            let value = state.withLock { state -> Value? in
                if case .full(let value) = state {
                    state = .done
                    return value
                }
                state = .waiting(continuation)
                return nil
            }
            if let value { continuation.resume(returning: value) }
        }
    }
}
