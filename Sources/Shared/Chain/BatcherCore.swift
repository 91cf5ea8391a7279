import NIOCore

/// A batcher's state and what changes it, all on its event loop.
///
/// Whoever is called back may ask for more at once: each method has changed the state before it calls.
final class BatcherCore<Member: Sendable, Outcome: Sendable> {
    typealias Ticket = Batcher<Member, Outcome>.Ticket
    typealias Completion = Batcher<Member, Outcome>.Completion

    /// A member that has no outcome yet.
    struct Wait {
        let deadline: Deadline
        let complete: Completion
        /// How often it was put back.
        var attempts = 0
        /// Whether a worker has it.
        var isTaken = false
        /// Its caller has left, but a worker decides.
        var isCancelled = false
    }

    let batchLimit: Int
    let waitingLimit: Int
    let workersDecide: Bool
    let sharedWeight: SharedCount
    let eventLoop: any EventLoop
    var waits: [BatcherID: Wait] = [:]
    /// May have tickets whose wait is over.
    var queue: [Ticket] = []
    var queuedWeight = 0 { didSet { sharedWeight.value = queuedWeight } }
    var idleWorkers: [(id: BatcherID, take: ([Ticket]?) -> Void)] = []
    /// Idle workers get their batches at the end of this turn of the loop: what comes in it shares one.
    var isDispatching = false
    /// One timer, for the earliest deadline. It fires even when that caller is long served, which with
    /// deadlines of seconds is rare and costs less than a timer for each caller.
    var timer: (deadline: Deadline, scheduled: Scheduled<Void>)?
    var isClosed = false
    /// What new members fail with, while nobody is there to work on them.
    var refusal: (any Error)?

    init(
        batchLimit: Int, waitingLimit: Int, workersDecide: Bool, queuedWeight: SharedCount,
        eventLoop: any EventLoop
    ) {
        self.batchLimit = batchLimit
        self.waitingLimit = waitingLimit
        self.workersDecide = workersDecide
        sharedWeight = queuedWeight
        self.eventLoop = eventLoop
    }

    func submit(_ ticket: Ticket, _ completion: @escaping Completion) {
        if let refusal = refusal(of: ticket) { return completion(.failure(refusal)) }
        queuedWeight += ticket.weight
        queue.append(ticket)
        waits[ticket.id] = Wait(deadline: ticket.deadline, complete: completion)
        scheduleTimer(for: ticket.deadline)
        dispatchSoon()
    }

    private func refusal(of ticket: Ticket) -> (any Error)? {
        if isClosed { return BatcherError.closed }
        if ticket.deadline.hasPassed { return BatcherError.deadlineExceeded }
        if let refusal { return refusal }
        let isOver = queuedWeight + ticket.weight > waitingLimit && !queue.isEmpty
        return isOver ? BatcherError.overloaded : nil
    }

    func cancel(_ id: BatcherID) {
        guard let wait = waits[id] else { return }
        if workersDecide, wait.isTaken {
            waits[id]?.isCancelled = true
        } else {
            finish(id, .failure(CancellationError()))
        }
    }

    func finish(_ id: BatcherID, _ outcome: Result<Outcome, any Error>) {
        waits.removeValue(forKey: id)?.complete(outcome)
    }

    func finish(_ batch: [Ticket], failingWith error: any Error) {
        for ticket in batch { finish(ticket.id, .failure(error)) }
    }

    func refuse(with error: any Error) {
        refusal = error
        failQueued(with: error)
    }

    func failQueued(with error: any Error) {
        let tickets = queue
        (queue, queuedWeight) = ([], 0)
        finish(tickets, failingWith: error)
    }

    func close() {
        let workers = idleWorkers
        let ids = waits.compactMap { isOpen($0.value) ? $0.key : nil }
        timer?.scheduled.cancel()
        (isClosed, timer, idleWorkers, queue, queuedWeight) = (true, nil, [], [], 0)
        for worker in workers { worker.take(nil) }
        for id in ids { finish(id, .failure(BatcherError.closed)) }
    }

    /// Whether its deadline or the batcher's end may end a wait.
    private func isOpen(_ wait: Wait) -> Bool { !(workersDecide && wait.isTaken) }

    var outstandingCount: Int { waits.values.count { isOpen($0) } }

    // MARK: Deadlines

    func scheduleTimer(for deadline: Deadline) {
        if let timer {
            guard deadline < timer.deadline else { return }
            timer.scheduled.cancel()
        }
        let delay = TimeAmount.microseconds(deadline.remaining.wholeMicroseconds + 1)
        let scheduled = eventLoop.assumeIsolated().scheduleTask(in: delay) { self.failExpired() }
        timer = (deadline, scheduled)
    }

    private func failExpired() {
        timer = nil
        let now = Deadline(.now)
        let expired = waits.filter { isOpen($0.value) && $0.value.deadline <= now }
        for id in expired.keys { waits[id] = nil }
        if let next = waits.values.lazy.filter({ self.isOpen($0) }).map(\.deadline).min() {
            scheduleTimer(for: next)
        }
        queue.removeAll { waits[$0.id] == nil }
        queuedWeight = queue.reduce(0) { $0 + $1.weight }
        for wait in expired.values { wait.complete(.failure(BatcherError.deadlineExceeded)) }
    }
}
