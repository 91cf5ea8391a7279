internal import Synchronization

/// What happens on the reactor's thread.
extension SocketReactor {
    func add(_ watch: SocketWatch) {
        assertOnThread()
        confined.watches.append(watch)
    }

    func remove(_ watch: SocketWatch) {
        confined.watches.removeAll { $0 === watch }
    }

    /// The thread's whole life.
    func run() {
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

    func perform(_ item: Item) {
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
            // Before the turn that does not sleep: time passes under constant load as well.
            let alarm = inbox.alarms.lazy.map(\.at).min()
            inbox.wakesAt = [wakesAt, alarm].compactMap { $0 }.min()
            guard inbox.items.isEmpty, confined.jobs.isEmpty else { return (0, false) }
            if inbox.isClosing {
                inbox.isClosed = true
                return (0, true)
            }
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
