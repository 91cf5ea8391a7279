public import NIOCore
import Synchronization

/// Collects what concurrent callers ask for into batches, as a data loader does.
///
/// Callers ``submit(_:weight:deadline:)`` and wait; workers take the ``nextBatch()`` and
/// ``finish(_:_:)`` it. What arrives while every worker is busy becomes the next batch: there is no
/// timer, nobody waits when it is idle, and the cost of a call is shared when it is busy. Idle
/// workers take turns, so workers that stand for several servers share the load round robin, and
/// one whose server hangs takes no more than it holds.
public final class Batcher<Member: Sendable, Outcome: Sendable>: Sendable {
    /// Bounds, in members' weights.
    public struct Limits: Sendable {
        /// The most that may wait; past it callers are refused at once.
        public var waiting: Int
        /// The most that one batch takes, but for a single member that is heavier.
        public var batch: Int

        public init(waiting: Int, batch: Int) {
            self.waiting = waiting
            self.batch = batch
        }
    }

    struct State {
        var queue: [Ticket] = []
        var queuedWeight = 0
        /// What has no outcome yet and may get one from its deadline or from ``close()``: queued or,
        /// unless workers have the last word, in a worker's hands.
        var outstanding: [ObjectIdentifier: Ticket] = [:]
        var idleWorkers: [(id: UInt64, continuation: CheckedContinuation<Void, Never>)] = []
        /// A worker was woken and has not yet looked at the queue: no need to wake another.
        var isWaking = false
        var lastWorkerID: UInt64 = 0
        var timer: (deadline: Deadline, scheduled: Scheduled<Void>)?
        var isClosed = false
        /// What new members fail with, while nobody is there to work on them.
        var refusal: (any Error)?
    }

    let limits: Limits
    let workersDecide: Bool
    let eventLoop: any EventLoop
    let state = Mutex(State())

    /// - Parameters:
    ///   - limits: The bounds of the queue and of a batch.
    ///   - workersDecide: Whether a member that a worker has taken gets its outcome from that worker
    ///     alone, however late and even when its caller is cancelled: that is to learn its outcome.
    ///   - eventLoop: Runs the timer of the callers' deadlines.
    public init(limits: Limits, workersDecide: Bool = false, eventLoop: any EventLoop) {
        self.limits = limits
        self.workersDecide = workersDecide
        self.eventLoop = eventLoop
    }

    /// Waits for the outcome of `member`.
    ///
    /// - Parameters:
    ///   - weight: What the member counts for in the limits.
    ///   - deadline: When to stop waiting.
    /// - Throws: ``BatcherError``, `CancellationError`, or what the worker failed the member with.
    public func submit(
        _ member: Member, weight: Int = 1, deadline: Deadline
    ) async throws -> Outcome {
        let ticket = Ticket(member: member, weight: weight, deadline: deadline)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                guard ticket.wait(with: continuation) else { return }
                enqueue(ticket)
            }
        } onCancel: {
            cancel(ticket)
        }
    }

    private func cancel(_ ticket: Ticket) {
        ticket.cancel()
        guard ticket.isFinished else { return }
        state.withLock { $0.outstanding[ObjectIdentifier(ticket)] = nil }
    }

    private func enqueue(_ ticket: Ticket) {
        let refusal: (any Error)? = state.withLock { state in
            if state.isClosed { return BatcherError.closed }
            if ticket.deadline.hasPassed { return BatcherError.deadlineExceeded }
            if let refusal = state.refusal { return refusal }
            let total = state.queuedWeight + ticket.weight
            if total > limits.waiting, !state.queue.isEmpty { return BatcherError.overloaded }
            state.queuedWeight = total
            state.queue.append(ticket)
            state.outstanding[ObjectIdentifier(ticket)] = ticket
            scheduleTimer(for: ticket.deadline, in: &state)
            wakeWorker(in: &state)
            return nil
        }
        if let refusal { ticket.resume(with: .failure(refusal)) }
    }

    /// Fails all that waits or is under way, but for what workers decide, and what comes after; workers
    /// stop.
    public func close() {
        let (tickets, workers) = state.withLock { state in
            let result = (Array(state.outstanding.values), state.idleWorkers)
            state.timer?.scheduled.cancel()
            state = State()
            state.isClosed = true
            return result
        }
        for worker in workers { worker.continuation.resume() }
        for ticket in tickets { ticket.resume(with: .failure(BatcherError.closed)) }
    }

    /// Fails everything that is queued and, until ``accept()``, all that comes: for the time in
    /// which nobody is there to work on it.
    public func refuse(with error: any Error) {
        state.withLock { $0.refusal = error }
        failQueued(with: error)
    }

    /// Ends ``refuse(with:)``.
    public func accept() {
        state.withLock { $0.refusal = nil }
    }

    /// Fails everything that is queued.
    public func failQueued(with error: any Error) {
        let tickets = state.withLock { state in
            defer {
                state.queue = []
                state.queuedWeight = 0
            }
            return state.queue
        }
        finish(tickets, with: .failure(error))
    }

    /// Whether a new member would be refused now.
    public var isFull: Bool { state.withLock { $0.queuedWeight >= limits.waiting } }

    /// How many members have no outcome yet.
    var outstandingCount: Int { state.withLock { $0.outstanding.count } }

    var idleWorkerCount: Int { state.withLock { $0.idleWorkers.count } }
}
