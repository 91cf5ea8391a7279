public import Logging
internal import Synchronization

/// A fixed number of connections that many callers share.
///
/// `run()` keeps them open and must run as long as the pool is used. It ends when its task is cancelled,
/// which closes all connections at once, or after `shutDown()`, which lets calls in progress finish.
public final class PostgresPool: Sendable {
    typealias Instant = ContinuousClock.Instant
    typealias Lease = Result<PostgresConnection, PostgresError>
    private typealias State = PoolState<PostgresConnection, CheckedContinuation<Lease, Never>>

    private let configuration: PostgresConfiguration
    private let size: Int
    private let maximumWait: Duration
    private let logger: Logger
    private let reactor: SocketReactor
    private let state: Mutex<State>
    /// When the alarm for waiters' deadlines rings.
    private let alarm = Mutex<Instant?>(nil)
    private let stopped = Handoff<Void>()

    /// - Parameters:
    ///   - size: how many connections to keep open.
    ///   - maximumWaiters: how many callers may wait for one; more are refused at once.
    ///   - maximumWait: how long a caller waits for one at most, whatever its deadline.
    /// - Throws: `.configuration`; nothing of the connection string is in its text.
    public init(
        configuration: PostgresConfiguration, size: Int, maximumWaiters: Int = 1000,
        maximumWait: Duration = .seconds(5), logger: Logger
    ) throws(PostgresError) {
        guard size > 0, maximumWaiters >= 0 else {
            throw PostgresError(.configuration, detail: "a pool needs at least one connection")
        }
        try configuration.validate()
        self.configuration = configuration
        self.size = size
        self.maximumWait = maximumWait
        self.logger = logger
        reactor = try SocketReactor()
        state = Mutex(State(waiterLimit: maximumWaiters))
    }

    /// Opens the connections, and opens each again when it ends. Call it once.
    /// - Throws: `.configuration` when no thread can be started.
    public func run() async throws(PostgresError) {
        try reactor.start()
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                for _ in 0..<size { group.addTask { await self.keepConnected() } }
                await stopped.value()
                // Ends attempts to connect and waits between them.
                group.cancelAll()
            }
        } onCancel: {
            closeAll()
        }
        closeAll()
        await reactor.close()
    }

    /// Refuses new callers, lets those that have a connection finish, and ends `run()`.
    public func shutDown() {
        let (waiters, idle) = state.withLock { $0.drain() }
        fail(waiters, with: PostgresError(.poolClosed, isSafeToRetry: true))
        close(idle)
        _ = stopped.offer(())
    }

    private func closeAll() {
        let (waiters, connections) = state.withLock { $0.close() }
        fail(waiters, with: PostgresError(.poolClosed, isSafeToRetry: true))
        close(connections)
        _ = stopped.offer(())
    }

    // MARK: Connections

    /// One connection after another, until the pool ends.
    private func keepConnected() async {
        var backoff = Backoff()
        while !Task.isCancelled, state.withLock({ $0.phase == .open }) {
            do throws(PostgresError) {
                let connection = try await PostgresConnection.connect(
                    configuration, reactor: reactor, logger: logger, deadline: nil,
                    whenClosed: { [weak self] in self?.forget($0) })
                backoff.reset()
                logger.debug("PostgreSQL connected", metadata: ["pid": "\(connection.backendPID)"])
                giveBack(connection)
                await connection.waitUntilClosed()
                // It may have ended before it was given to the pool.
                forget(connection)
            } catch {
                guard !Task.isCancelled else { return }
                logger.warning("cannot connect to PostgreSQL: \(error.debugDescription)")
                fail(state.withLock { $0.failedToConnect(error) }, with: error)
                try? await Task.sleep(for: backoff.next())
            }
        }
    }

    private func forget(_ connection: PostgresConnection) {
        state.withLock { $0.removed(connection) }
    }

    private func close(_ connections: [PostgresConnection]) {
        for connection in connections { connection.closeSoon() }
    }

    // MARK: Leases

    /// A connection that nobody else has, until it is given back.
    func acquire(deadline: Instant?) async throws(PostgresError) -> PostgresConnection {
        let acquisition = state.withLock { $0.acquire(where: \.isOpen) }
        switch acquisition {
        case .lease(let connection): return connection
        case .fail(let error): throw error
        case .wait: return try await waitForConnection(deadline: deadline)
        }
    }

    func giveBack(_ connection: PostgresConnection) {
        guard connection.isOpen else { return forget(connection) }
        // Left in a transaction or in the middle of a call: nobody can know what state it is in.
        guard connection.isReusable else { return connection.closeSoon() }
        let (waiter, closes) = state.withLock { $0.free(connection) }
        waiter?.resume(returning: .success(connection))
        if closes { connection.closeSoon() }
        // It may have ended before it was in the list that `forget` takes it from.
        if !connection.isOpen { forget(connection) }
    }

    private func waitForConnection(
        deadline: Instant?
    ) async throws(PostgresError) -> PostgresConnection {
        let longest = ContinuousClock.now + maximumWait
        let end = min(longest, deadline ?? longest)
        let id = state.withLock { $0.makeWaiterID() }
        let lease: Lease = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                wait(continuation, id: id, until: end)
            }
        } onCancel: {
            abandon(waiter: id)
        }
        do throws(PostgresError) {
            return try lease.get()
        } catch {
            guard error.code == .poolTimeout, let deadline, deadline <= longest else { throw error }
            throw error.with(code: .deadlineExceeded, isSafeToRetry: true)
        }
    }

    private func wait(
        _ continuation: CheckedContinuation<Lease, Never>, id: UInt64, until end: Instant
    ) {
        // A connection may have become free since the caller was told to wait.
        let acquisition = state.withLock { state in
            let acquisition = state.acquire(where: \.isOpen)
            if case .wait = acquisition { state.enqueue(continuation, id: id, deadline: end) }
            return acquisition
        }
        switch acquisition {
        case .lease(let connection): continuation.resume(returning: .success(connection))
        case .fail(let error): continuation.resume(returning: .failure(error))
        case .wait:
            setAlarm(end)
            // Cancelled before it was in the queue, where the handler could not find it.
            if Task.isCancelled { abandon(waiter: id) }
        }
    }

    private func abandon(waiter id: UInt64) {
        let error = PostgresError(.cancelled, isSafeToRetry: true)
        state.withLock { $0.abandon(waiter: id) }?.resume(returning: .failure(error))
    }

    private func fail(_ waiters: [CheckedContinuation<Lease, Never>], with error: PostgresError) {
        for waiter in waiters { waiter.resume(returning: .failure(error)) }
    }

    // MARK: Waiters' deadlines

    /// One alarm serves all waiters: it is set anew only for an earlier end.
    private func setAlarm(_ instant: Instant) {
        let isEarlier = alarm.withLock { alarm in
            if let alarm, alarm <= instant { return false }
            alarm = instant
            return true
        }
        guard isEarlier else { return }
        reactor.schedule(at: instant) { [weak self] in self?.ring(instant) }
    }

    private func ring(_ instant: Instant) {
        alarm.withLock { if $0 == instant { $0 = nil } }
        let (expired, next) = state.withLock { ($0.expire(now: .now), $0.earliestDeadline) }
        fail(expired, with: PostgresError(.poolTimeout))
        if let next { setAlarm(next) }
    }

    /// How many connections are open.
    public var openConnections: Int { state.withLock { $0.openCount } }
}
