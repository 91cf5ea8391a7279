internal import Dispatch
internal import Synchronization

/// One thread that runs the code of all connections of a pool and polls their sockets.
///
/// It is the executor of each `PostgresConnection`: what a connection does between two waits runs on
/// the thread that noticed the socket, so a query costs its caller two thread hops, there and back.
///
/// It is a task executor as well: a continuation always comes back on the task's executor before it
/// goes to its actor's, and by way of the global one each wait would cost two more hops.
final class SocketReactor: SerialExecutor, TaskExecutor {
    typealias Instant = ContinuousClock.Instant

    enum Item {
        case job(UnownedJob)
        case work(@Sendable () -> Void)
    }

    /// What other threads hand in.
    struct Inbox {
        var items: [Item] = []
        var alarms: [(at: Instant, work: @Sendable () -> Void)] = []
        /// Whether the thread waits, so that it must be woken.
        var isPolling = false
        /// The next alarm or deadline of this turn.
        var wakesAt: Instant?
        var wakeSent = false
        var whenClosed: CheckedContinuation<Void, Never>?
        var isClosing = false
        var isClosed = false
    }

    /// What only the reactor's thread touches.
    final class Confined {
        var jobs: [UnownedJob] = []
        var spareJobs: [UnownedJob] = []
        var batch: [Item] = []
        var watches: [SocketWatch] = []
        var polled = PollSet()
    }

    let inbox = Mutex(Inbox())
    let thread = Atomic<UInt>(0)
    let wakePipe: WakePipe
    // Made here, then touched by the thread alone: each path to it asserts so.
    nonisolated(unsafe) let confined = Confined()
    /// Runs what arrives after the thread has ended. Connections are closed by then and only say so.
    private let afterEnd = DispatchQueue(label: "postgres.reactor.ended")

    /// - Throws: `.configuration` when the process has no more file descriptors.
    init() throws(PostgresError) {
        guard let wakePipe = WakePipe() else {
            throw PostgresError(.configuration, detail: "no file descriptors left for the reactor")
        }
        self.wakePipe = wakePipe
    }

    /// Starts the thread, which keeps the reactor alive until its owner calls `close()`.
    /// - Throws: `.configuration` when the process has no more threads.
    func start() throws(PostgresError) {
        guard System.startThread({ [self] in run() }) else {
            throw PostgresError(.configuration, detail: "no thread left for the reactor")
        }
    }

    /// Ends the thread, after everything handed in so far has run. Returns when it has.
    func close() async {
        await withCheckedContinuation { continuation in
            let isClosed = inbox.withLock { inbox in
                guard !inbox.isClosing else { return true }
                inbox.isClosing = true
                inbox.whenClosed = continuation
                return false
            }
            isClosed ? continuation.resume() : wakePipe.signal()
        }
    }

    // MARK: From any thread

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isOnThread {
            confined.jobs.append(job)
        } else {
            post(.job(job))
        }
    }

    /// Runs `work` on the thread.
    func submit(_ work: @escaping @Sendable () -> Void) {
        post(.work(work))
    }

    /// Runs `work` on the thread at `instant` or soon after.
    func schedule(at instant: Instant, _ work: @escaping @Sendable () -> Void) {
        let wakes = inbox.withLock { inbox in
            inbox.alarms.append((instant, work))
            let isEarlier = inbox.wakesAt.map { instant < $0 } ?? true
            guard inbox.isPolling, isEarlier, !inbox.wakeSent else { return false }
            inbox.wakeSent = true
            return true
        }
        if wakes { wakePipe.signal() }
    }

    private func post(_ item: Item) {
        enum Next { case nothing, wake, runElsewhere }
        let next = inbox.withLock { inbox -> Next in
            if inbox.isClosed { return .runElsewhere }
            inbox.items.append(item)
            guard inbox.isPolling, !inbox.wakeSent else { return .nothing }
            inbox.wakeSent = true
            return .wake
        }
        switch next {
        case .nothing: break
        case .wake: wakePipe.signal()
        case .runElsewhere: afterEnd.async { [self] in perform(item) }
        }
    }

    var isOnThread: Bool { thread.load(ordering: .relaxed) == System.currentThread }

    func assertOnThread() {
        assert(
            {
                checkIsolated()
                return true
            }())
    }

    /// Traps unless on the thread or, once it has ended, on what runs in its place.
    func checkIsolated() {
        if !isOnThread { dispatchPrecondition(condition: .onQueue(afterEnd)) }
    }
}
