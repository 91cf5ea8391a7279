import Chain

/// When a write is tried again.
///
/// Its id makes that safe. As long as it may have been done, only a definite answer ends it before its
/// deadline; while nothing was done, it is tried as often as a read, and while an account is
/// locked as long as its time allows.
struct WriteAttempts: Sendable {
    /// Whether nobody waits for it any more.
    var isCancelled = false
    private let deadline: Deadline
    private let lockWait: Duration
    private var backoff = Backoff()
    private var count = 1
    /// Before the next attempt. None before the first repeat, for which another service may be ready.
    private var wait = Duration.zero

    init(until deadline: Deadline, lockWait: Duration) {
        self.deadline = deadline
        self.lockWait = lockWait
    }

    /// - Parameter mayBeDone: Whether any attempt may have done it.
    func allowAnother(after failure: WriteFailure, mayBeDone: Bool) -> Bool {
        guard !isCancelled, !deadline.hasPassed else { return false }
        return switch failure.repetition {
        case .never: false
        case .whenUncertain: mayBeDone
        case .always: mayBeDone || count < RetryBudget.attempts
        case .whileThereIsTime: mayBeDone || deadline.remaining > wait + lockWait
        }
    }

    /// How long to wait before another attempt.
    mutating func nextPause() -> Duration {
        defer {
            wait = backoff.next()
            count += 1
        }
        return min(wait, deadline.remaining)
    }
}

/// What is known of one write, over its attempts.
struct WriteProgress<Value: Sendable>: Sendable {
    private(set) var result: Result<Value, BalanceClientError>?
    private var mayBeDone = false

    mutating func finish(_ value: Value) {
        result = .success(value)
    }

    mutating func fail(_ failure: WriteFailure, in attempts: WriteAttempts) {
        mayBeDone = mayBeDone || failure.mayBeDone
        guard !attempts.allowAnother(after: failure, mayBeDone: mayBeDone) else { return }
        giveUp(because: failure.error)
    }

    mutating func giveUp(because error: BalanceClientError) {
        // That the last attempt did nothing says nothing of those before it.
        result = .failure(mayBeDone ? .outcomeUnknown : error)
    }

    /// Why it was given up.
    var error: BalanceClientError? {
        if case .failure(let error) = result { error } else { nil }
    }
}
