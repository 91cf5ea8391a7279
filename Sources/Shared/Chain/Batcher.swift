public import NIOCore
import Synchronization

/// Collects what concurrent callers ask for into batches, as a data loader does.
///
/// Callers submit and wait; workers take a batch and ``finish(_:_:)`` it. What arrives while every worker
/// is busy becomes the next batch: there is no timer, nobody waits when it is idle, and the cost of a
/// call is shared when it is busy. Idle workers take turns, so workers that stand for several servers
/// share the load round robin, and one whose server hangs takes no more than it holds.
///
/// All of it happens on one event loop, without a lock. Who is there calls and is called back;
/// everybody else waits.
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

    /// A member's place in the queue or in a worker's batch.
    public struct Ticket: Sendable {
        let id: BatcherID
        public let member: Member
        /// What the member counts for in the limits.
        public let weight: Int
        public let deadline: Deadline
    }

    /// Called on the event loop, once.
    public typealias Completion = (Result<Outcome, any Error>) -> Void

    private let limits: Limits
    public let eventLoop: any EventLoop
    let core: NIOLoopBoundBox<BatcherCore<Member, Outcome>>
    private let lastID = Atomic<UInt64>(0)
    private let queuedWeight = SharedCount()

    /// - Parameters:
    ///   - limits: The bounds of the queue and of a batch.
    ///   - workersDecide: Whether a member that a worker has taken gets its outcome from that worker
    ///     alone, however late and even when its caller is cancelled: that is to learn its outcome.
    ///   - eventLoop: Where everything happens.
    public init(limits: Limits, workersDecide: Bool = false, eventLoop: any EventLoop) {
        self.limits = limits
        self.eventLoop = eventLoop
        core = .makeBoxSendingValue(
            BatcherCore(
                batchLimit: limits.batch, waitingLimit: limits.waiting,
                workersDecide: workersDecide, queuedWeight: queuedWeight, eventLoop: eventLoop),
            eventLoop: eventLoop)
    }

    /// Queues a member. Called on the event loop.
    ///
    /// - Parameters:
    ///   - weight: What the member counts for in the limits.
    ///   - deadline: When to stop waiting.
    ///   - completion: Gets the outcome, ``BatcherError``, `CancellationError`, or what the worker failed
    ///     the member with; before this returns when the member is refused.
    /// - Returns: For ``cancel(_:)``.
    @discardableResult
    public func submit(
        _ member: Member, weight: Int = 1, deadline: Deadline, completion: @escaping Completion
    ) -> BatcherID {
        let ticket = Ticket(id: nextID(), member: member, weight: weight, deadline: deadline)
        core.value.submit(ticket, completion)
        return ticket.id
    }

    /// Ends a member's wait, unless workers decide and one has it.
    public func cancel(_ id: BatcherID) {
        onLoop { $0.cancel(id) }
    }

    /// Waits for the outcome of `member`, wherever that is.
    ///
    /// - Parameters:
    ///   - weight: What the member counts for in the limits.
    ///   - deadline: When to stop waiting.
    /// - Throws: ``BatcherError``, `CancellationError`, or what the worker failed the member with.
    public func submit(
        _ member: Member, weight: Int = 1, deadline: Deadline
    ) async throws -> Outcome {
        let ticket = Ticket(id: nextID(), member: member, weight: weight, deadline: deadline)
        let leaving = SharedFlag()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                onLoop { core in
                    guard !leaving.isSet else {
                        return continuation.resume(throwing: CancellationError())
                    }
                    core.submit(ticket) { continuation.resume(with: $0) }
                }
            }
        } onCancel: {
            leaving.set()
            cancel(ticket.id)
        }
    }

    /// Fails all that waits or is under way, but for what workers decide, and what comes after; workers
    /// stop.
    public func close() {
        onLoop { $0.close() }
    }

    /// Fails everything that is queued and, until ``accept()``, all that comes: for the time in
    /// which nobody is there to work on it.
    public func refuse(with error: any Error) {
        onLoop { $0.refuse(with: error) }
    }

    /// Ends ``refuse(with:)``.
    public func accept() {
        onLoop { $0.refusal = nil }
    }

    /// Fails everything that is queued.
    public func failQueued(with error: any Error) {
        onLoop { $0.failQueued(with: error) }
    }

    /// Whether a new member would be refused now, wherever one asks.
    public var isFull: Bool { queuedWeight.value >= limits.waiting }

    func nextID() -> BatcherID {
        BatcherID(number: lastID.wrappingAdd(1, ordering: .relaxed).newValue)
    }

    func onLoop(_ body: @escaping @Sendable (BatcherCore<Member, Outcome>) -> Void) {
        if eventLoop.inEventLoop {
            body(core.value)
        } else {
            eventLoop.execute { body(self.core.value) }
        }
    }

    /// How many members have no outcome yet, but for what workers decide.
    var outstandingCount: Int {
        get async { await reading { $0.outstandingCount } }
    }

    var idleWorkerCount: Int {
        get async { await reading { $0.idleWorkers.count } }
    }

    private func reading(
        _ count: @escaping @Sendable (BatcherCore<Member, Outcome>) -> Int
    ) async -> Int {
        await withCheckedContinuation { continuation in
            onLoop { continuation.resume(returning: count($0)) }
        }
    }
}

/// Of a member or a worker of a ``Batcher``.
public struct BatcherID: Sendable, Hashable {
    let number: UInt64
}

/// A flag that is raised once.
final class SharedFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .acquiring) }

    func set() { flag.store(true, ordering: .releasing) }
}

/// A number that one thread writes and any may read.
final class SharedCount: Sendable {
    private let count = Atomic(0)

    var value: Int {
        get { count.load(ordering: .relaxed) }
        set { count.store(newValue, ordering: .relaxed) }
    }
}
