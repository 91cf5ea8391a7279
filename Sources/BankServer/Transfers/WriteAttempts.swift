import BankAPI
import Chain

/// When a write is tried again.
///
/// Its id makes that safe. As long as it may have been done, only a definite answer ends it before its
/// deadline; while nothing was done, it is tried as often as a read.
struct WriteAttempts: Sendable {
    private let deadline: Deadline
    private var backoff = Backoff()
    private var count = 1

    init(until deadline: Deadline) {
        self.deadline = deadline
    }

    /// - Parameter mayBeDone: Whether any attempt may have done it.
    func allowAnother(after failure: WriteFailure, mayBeDone: Bool) -> Bool {
        guard !Task.isCancelled, !deadline.hasPassed else { return false }
        return switch failure.repetition {
        case .never: false
        case .whenUncertain: mayBeDone
        case .always: mayBeDone || count < BalanceServiceSession.attempts
        }
    }

    /// Waits before another attempt; but not before the first one, for which another service may be
    /// ready.
    mutating func pause() async {
        if count > 1 { try? await Task.sleep(for: min(backoff.next(), deadline.remaining)) }
        count += 1
    }
}

/// What is known of one write, over its attempts.
struct WriteProgress<Value: Sendable>: Sendable {
    private(set) var result: Result<Value, Problem>?
    private var mayBeDone = false

    mutating func finish(_ value: Value) {
        result = .success(value)
    }

    mutating func fail(_ failure: WriteFailure, in attempts: WriteAttempts) {
        mayBeDone = mayBeDone || failure.mayBeDone
        guard !attempts.allowAnother(after: failure, mayBeDone: mayBeDone) else { return }
        // That the last attempt did nothing says nothing of those before it.
        result = .failure(mayBeDone ? .outcomeUnknown : failure.problem)
    }
}
