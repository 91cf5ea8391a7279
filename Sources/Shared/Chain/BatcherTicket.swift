import Synchronization

extension Batcher {
    /// A member's place in the queue, and its caller's wait.
    public final class Ticket: Sendable {
        private enum Wait {
            case notStarted
            case started(CheckedContinuation<Outcome, any Error>)
            /// A worker has it and decides; whether the caller has been cancelled since.
            case taken(CheckedContinuation<Outcome, any Error>, isCancelled: Bool)
            case finished
        }

        public let member: Member
        public let deadline: Deadline
        /// What the member counts for in the limits.
        public let weight: Int

        private let wait = Mutex(Wait.notStarted)
        private let attempts = Atomic(0)

        init(member: Member, weight: Int, deadline: Deadline) {
            self.member = member
            self.weight = weight
            self.deadline = deadline
        }

        var isFinished: Bool {
            wait.withLock { if case .finished = $0 { true } else { false } }
        }

        /// How often the ticket was put back before.
        func countAttempt() -> Int {
            attempts.wrappingAdd(1, ordering: .relaxed).oldValue
        }

        /// - Returns: false when the caller was cancelled before it began to wait.
        func wait(with continuation: CheckedContinuation<Outcome, any Error>) -> Bool {
            let isStarted = wait.withLock { wait in
                guard case .notStarted = wait else { return false }
                wait = .started(continuation)
                return true
            }
            if !isStarted { continuation.resume(throwing: CancellationError()) }
            return isStarted
        }

        /// Leaves it to a worker alone what the caller is told, until it is given back.
        ///
        /// - Returns: false when the wait has ended.
        func take() -> Bool {
            wait.withLock { wait in
                guard case .started(let continuation) = wait else { return false }
                wait = .taken(continuation, isCancelled: false)
                return true
            }
        }

        /// Ends ``take()``, and the wait of a caller that was cancelled meanwhile.
        func giveBack() {
            let cancelled = wait.withLock { wait -> CheckedContinuation<Outcome, any Error>? in
                guard case .taken(let continuation, let isCancelled) = wait else { return nil }
                wait = isCancelled ? .finished : .started(continuation)
                return isCancelled ? continuation : nil
            }
            cancelled?.resume(throwing: CancellationError())
        }

        /// Ends the wait of a caller that was cancelled, unless a worker decides.
        func cancel() {
            let cancelled = wait.withLock { wait -> CheckedContinuation<Outcome, any Error>? in
                switch wait {
                case .notStarted: wait = .finished
                case .started(let continuation):
                    wait = .finished
                    return continuation
                case .taken(let continuation, _):
                    wait = .taken(continuation, isCancelled: true)
                case .finished: break
                }
                return nil
            }
            cancelled?.resume(throwing: CancellationError())
        }

        /// Ends the wait; only the first call has an effect.
        func resume(with result: Result<Outcome, any Error>) {
            let continuation = wait.withLock { wait -> CheckedContinuation<Outcome, any Error>? in
                defer { wait = .finished }
                switch wait {
                case .started(let continuation), .taken(let continuation, _): return continuation
                case .notStarted, .finished: return nil
                }
            }
            continuation?.resume(with: result)
        }
    }
}
