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
        /// Everything that has no outcome yet, queued or in a worker's hands.
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

    private let limits: Limits
    private let eventLoop: any EventLoop
    private let state = Mutex(State())

    /// - Parameters:
    ///   - limits: The bounds of the queue and of a batch.
    ///   - eventLoop: Runs the timer of the callers' deadlines.
    public init(limits: Limits, eventLoop: any EventLoop) {
        self.limits = limits
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
            finish([ticket], with: .failure(CancellationError()))
        }
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

    // MARK: Workers

    /// Waits until there is work, and takes as much of it as a batch may hold.
    ///
    /// - Throws: `CancellationError` when the worker's task is cancelled or the batcher closed.
    public func nextBatch() async throws -> [Ticket] {
        while true {
            guard !Task.isCancelled else {
                passTurnOn()
                throw CancellationError()
            }
            let batch = takeBatch()
            if !batch.isEmpty { return batch }
            try await waitForWork()
        }
    }

    /// Gives each ticket of a batch its outcome; those that have one already keep it.
    public func finish(_ batch: [Ticket], _ outcome: (Ticket) -> Result<Outcome, any Error>) {
        state.withLock { state in
            for ticket in batch { state.outstanding[ObjectIdentifier(ticket)] = nil }
        }
        for ticket in batch { ticket.resume(with: outcome(ticket)) }
    }

    /// Gives the tickets of a batch their outcomes, in order; there must be one for each.
    public func finish(_ batch: [Ticket], with outcomes: [Outcome]) {
        precondition(batch.count == outcomes.count, "an outcome for each ticket")
        state.withLock { state in
            for ticket in batch { state.outstanding[ObjectIdentifier(ticket)] = nil }
        }
        for (ticket, outcome) in zip(batch, outcomes) { ticket.resume(with: .success(outcome)) }
    }

    /// Gives every ticket of a batch the same outcome.
    public func finish(_ batch: [Ticket], with outcome: Result<Outcome, any Error>) {
        finish(batch) { _ in outcome }
    }

    /// Puts back what a worker could not do, before everything else that waits, for another one.
    ///
    /// - Parameters:
    ///   - attempts: Tickets that were put back this often already fail instead; `nil` for a batch
    ///     that was not tried.
    ///   - error: What they fail with, also when the batcher refuses or is closed.
    public func putBack(_ batch: [Ticket], attempts: Int?, failingWith error: any Error) {
        let isAgain = batch.map { ticket in attempts.map { ticket.countAttempt() < $0 } ?? true }
        let again = zip(batch, isAgain).filter(\.1).map(\.0)
        let mustFail = state.withLock { state in
            guard !state.isClosed, state.refusal == nil else { return true }
            state.queue.insert(contentsOf: again, at: 0)
            state.queuedWeight += again.reduce(0) { $0 + $1.weight }
            if !again.isEmpty { wakeWorker(in: &state) }
            return false
        }
        finish(
            mustFail ? batch : zip(batch, isAgain).filter { !$0.1 }.map(\.0), with: .failure(error))
    }

    /// Fails all that waits or is under way, and what comes after; workers stop.
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

    /// How many members have no outcome yet.
    var outstandingCount: Int { state.withLock { $0.outstanding.count } }

    var idleWorkerCount: Int { state.withLock { $0.idleWorkers.count } }

    private func takeBatch() -> [Ticket] {
        var expired: [Ticket] = []
        let batch = state.withLock { state in
            state.isWaking = false
            var batch: [Ticket] = []
            var weight = 0
            var taken = 0
            let now = Deadline(.now)
            for ticket in state.queue {
                if !batch.isEmpty, weight + ticket.weight > limits.batch { break }
                taken += 1
                state.queuedWeight -= ticket.weight
                if ticket.isFinished {
                    state.outstanding[ObjectIdentifier(ticket)] = nil
                    continue
                }
                if ticket.deadline <= now {
                    expired.append(ticket)
                    continue
                }
                batch.append(ticket)
                weight += ticket.weight
            }
            state.queue.removeFirst(taken)
            if !state.queue.isEmpty { wakeWorker(in: &state) }
            return batch
        }
        finish(expired, with: .failure(BatcherError.deadlineExceeded))
        return batch
    }

    private func waitForWork() async throws {
        let id = state.withLock { state in
            state.lastWorkerID += 1
            return state.lastWorkerID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mustWait = state.withLock { state in
                    guard state.queue.isEmpty, !state.isClosed, !Task.isCancelled else {
                        return false
                    }
                    state.idleWorkers.append((id, continuation))
                    return true
                }
                if !mustWait { continuation.resume() }
            }
        } onCancel: {
            let worker = state.withLock { state in
                state.idleWorkers.firstIndex { $0.id == id }.map {
                    state.idleWorkers.remove(at: $0)
                }
            }
            worker?.continuation.resume()
        }
        if state.withLock({ $0.isClosed }) { throw CancellationError() }
    }

    /// A worker that was woken, but is cancelled, leaves its turn to another.
    private func passTurnOn() {
        state.withLock { state in
            state.isWaking = false
            if !state.queue.isEmpty { wakeWorker(in: &state) }
        }
    }

    private func wakeWorker(in state: inout State) {
        guard !state.isWaking, !state.idleWorkers.isEmpty else { return }
        state.isWaking = true
        state.idleWorkers.removeFirst().continuation.resume()
    }

    // MARK: Deadlines

    /// Keeps one timer, for the earliest deadline. It fires even when that caller is long served,
    /// which with deadlines of seconds is rare and costs less than a timer for each caller.
    private func scheduleTimer(for deadline: Deadline, in state: inout State) {
        if let timer = state.timer {
            guard deadline < timer.deadline else { return }
            timer.scheduled.cancel()
        }
        let delay = TimeAmount.microseconds(deadline.remaining.wholeMicroseconds + 1)
        state.timer = (deadline, eventLoop.scheduleTask(in: delay) { self.failExpired() })
    }

    private func failExpired() {
        let now = Deadline(.now)
        let expired = state.withLock { state in
            state.timer = nil
            let expired = state.outstanding.values.filter { $0.deadline <= now }
            for ticket in expired { state.outstanding[ObjectIdentifier(ticket)] = nil }
            if let next = state.outstanding.values.map(\.deadline).min() {
                scheduleTimer(for: next, in: &state)
            }
            return expired
        }
        for ticket in expired { ticket.resume(with: .failure(BatcherError.deadlineExceeded)) }
        removeFinishedFromQueue()
    }

    private func removeFinishedFromQueue() {
        state.withLock { state in
            state.queue.removeAll(where: \.isFinished)
            state.queuedWeight = state.queue.reduce(0) { $0 + $1.weight }
        }
    }
}
