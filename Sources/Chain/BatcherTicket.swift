import Synchronization

extension Batcher {
    /// A member's place in the queue, and its caller's wait.
    public final class Ticket: Sendable {
        private enum Wait {
            case notStarted
            case started(CheckedContinuation<Outcome, any Error>)
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

        /// Ends the wait; only the first call has an effect.
        func resume(with result: Result<Outcome, any Error>) {
            let continuation = wait.withLock { wait -> CheckedContinuation<Outcome, any Error>? in
                defer { wait = .finished }
                if case .started(let continuation) = wait { return continuation }
                return nil
            }
            continuation?.resume(with: result)
        }
    }
}
