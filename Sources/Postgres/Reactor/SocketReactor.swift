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

    private enum Item {
        case job(UnownedJob)
        case work(@Sendable () -> Void)
    }

    /// What other threads hand in.
    private struct Inbox {
        var items: [Item] = []
        var alarms: [(at: Instant, work: @Sendable () -> Void)] = []
        /// When the thread will wake by itself; nil while it does not wait.
        var isPolling = false
        var wakesAt: Instant?
        var wakeSent = false
        var whenClosed: CheckedContinuation<Void, Never>?
        var isClosing = false
        var isClosed = false
    }

    /// What only the reactor's thread touches.
    private final class Confined {
        var jobs: [UnownedJob] = []
        var spareJobs: [UnownedJob] = []
        var batch: [Item] = []
        var watches: [SocketWatch] = []
        var polled = PollSet()
    }

    private let inbox = Mutex(Inbox())
    private let thread = Atomic<UInt>(0)
    private let wakePipe: WakePipe
    // Made here, then touched by the thread alone: each path to it asserts so.
    nonisolated(unsafe) private let confined = Confined()
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
        assert(isOnThread, "only on the reactor's thread")
    }

    func checkIsolated() {
        if !isOnThread { dispatchPrecondition(condition: .onQueue(afterEnd)) }
    }

    // MARK: On the thread

    func add(_ watch: SocketWatch) {
        assertOnThread()
        confined.watches.append(watch)
    }

    func remove(_ watch: SocketWatch) {
        confined.watches.removeAll { $0 === watch }
    }

    private func run() {
        thread.store(System.currentThread, ordering: .relaxed)
        while true {
            runJobs()
            guard poll() else { break }
        }
        thread.store(0, ordering: .relaxed)
        inbox.withLock { $0.whenClosed.take() }?.resume()
    }

    /// Runs what is there and what that adds, up to a bound that keeps sockets served.
    private func runJobs() {
        inbox.withLock { inbox in
            swap(&inbox.items, &confined.batch)
        }
        for item in confined.batch { perform(item) }
        confined.batch.removeAll(keepingCapacity: true)
        var rounds = 0
        while !confined.jobs.isEmpty, rounds < 16 {
            rounds += 1
            swap(&confined.jobs, &confined.spareJobs)
            for job in confined.spareJobs { perform(.job(job)) }
            confined.spareJobs.removeAll(keepingCapacity: true)
        }
    }

    private func perform(_ item: Item) {
        switch item {
        case .job(let job):
            job.runSynchronously(
                isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
        case .work(let work): work()
        }
    }

    /// Waits for sockets, work and time.
    /// - Returns: false when the reactor is closed.
    private func poll() -> Bool {
        let wakesAt = confined.watches.lazy.compactMap(\.deadline).min()
        let wait = inbox.withLock { inbox -> (milliseconds: Int32, isClosed: Bool) in
            guard inbox.items.isEmpty, confined.jobs.isEmpty else { return (0, false) }
            if inbox.isClosing {
                inbox.isClosed = true
                return (0, true)
            }
            let alarm = inbox.alarms.lazy.map(\.at).min()
            inbox.wakesAt = [wakesAt, alarm].compactMap { $0 }.min()
            inbox.isPolling = true
            inbox.wakeSent = false
            return (inbox.wakesAt.map(millisecondsUntil) ?? -1, false)
        }
        if wait.isClosed { return false }
        pollSockets(milliseconds: wait.milliseconds)
        return true
    }

    private func pollSockets(milliseconds: Int32) {
        confined.polled.removeAll()
        confined.polled.append(wakePipe.readEnd, events: System.readable)
        let watches = confined.watches
        for watch in watches {
            confined.polled.append(watch.descriptor, events: watch.events)
        }
        confined.polled.wait(milliseconds: milliseconds)
        let hadDeadline = inbox.withLock { inbox in
            defer { (inbox.isPolling, inbox.wakesAt) = (false, nil) }
            return inbox.wakesAt != nil
        }
        if confined.polled.isReady(0) { wakePipe.clear() }
        for (index, watch) in watches.enumerated() where confined.polled.isReady(index + 1) {
            watch.becameReady()
        }
        if hadDeadline { expire(watches) }
    }

    private func expire(_ watches: [SocketWatch]) {
        let now = ContinuousClock.now
        for watch in watches { watch.expire(now: now) }
        let due = inbox.withLock { inbox in
            let due = inbox.alarms.filter { $0.at <= now }
            if !due.isEmpty { inbox.alarms.removeAll { $0.at <= now } }
            return due
        }
        for alarm in due { alarm.work() }
    }
}

/// How long poll(2) may sleep: rounded up, so that it does not wake just before the instant.
func millisecondsUntil(_ instant: ContinuousClock.Instant) -> Int32 {
    let (seconds, attoseconds) = (instant - .now).components
    if seconds < 0 || attoseconds < 0 { return 0 }
    if seconds >= 1_000_000 { return 1_000_000_000 }
    return Int32(seconds) * 1000 + Int32(attoseconds / 1_000_000_000_000_000) + 1
}
