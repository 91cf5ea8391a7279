public import Logging
internal import Synchronization

/// A fixed number of connections that many callers share.
///
/// `run()` keeps them open and must run as long as the pool is used. It ends when its task is cancelled,
/// which closes all connections at once, or after `shutDown()`, which lets calls in progress finish.
public final class PostgresPool: Sendable {
    typealias Instant = ContinuousClock.Instant
    typealias Lease = Result<PostgresConnection, PostgresError>
    typealias State = PoolState<PostgresConnection, CheckedContinuation<Lease, Never>>

    private let configuration: PostgresConfiguration
    private let size: Int
    /// How long a caller waits for a connection at most, whatever its deadline.
    let maximumWait = Duration.seconds(5)
    private let logger: Logger
    let reactor: SocketReactor
    let state: Mutex<State>
    /// When the alarm for waiters' deadlines rings.
    let alarm = Mutex<Instant?>(nil)
    private let stopped = Handoff<Void>()
    private let lastFailure = Mutex<PostgresError.Code?>(nil)

    /// - Parameters:
    ///   - size: how many connections to keep open.
    ///   - maximumWaiters: how many callers may wait for one; more are refused at once.
    /// - Throws: `.configuration`; nothing of the connection string is in its text.
    public init(
        configuration: PostgresConfiguration, size: Int, maximumWaiters: Int = 1000,
        logger: Logger
    ) throws(PostgresError) {
        guard size > 0, maximumWaiters >= 0 else {
            throw PostgresError(.configuration, detail: "a pool needs at least one connection")
        }
        // Nothing that can be known now is found out by the first caller.
        _ = try ConnectionParameters(configuration)
        self.configuration = configuration
        self.size = size
        self.logger = logger
        reactor = try SocketReactor()
        state = Mutex(State(waiterLimit: maximumWaiters))
    }

    /// Opens the connections, and opens each again when it ends. Call it once.
    /// - Throws: `.configuration` when no thread can be started.
    public func run() async throws(PostgresError) {
        do throws(PostgresError) {
            try reactor.start()
        } catch {
            // Nobody will ever serve those who wait.
            closeAll()
            throw error
        }
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
        // The process behind the last connection, when it was left in COMMIT.
        var committing: Int32?
        while !Task.isCancelled, state.withLock({ $0.phase == .open }) {
            do throws(PostgresError) {
                let connection = try await PostgresConnection.connect(
                    configuration, reactor: reactor, logger: logger, deadline: nil,
                    whenClosed: { [weak self] in self?.forget($0) })
                let opened = ContinuousClock.now
                lastFailure.withLock { $0 = nil }
                logger.debug("PostgreSQL connected", metadata: ["pid": "\(connection.backendPID)"])
                if let process = committing { await connection.waitForEnd(of: process) }
                committing = nil
                giveBack(connection)
                await connection.waitUntilClosed()
                // It may have ended before it was given to the pool.
                forget(connection)
                if connection.leftCommitting.load(ordering: .acquiring) {
                    committing = connection.backendPID
                }
                let pause = backoff.next(afterLiving: .now - opened)
                if pause > .zero { try? await Task.sleep(for: pause) }
            } catch {
                guard !Task.isCancelled else { return }
                // All connections fail alike, again and again: once is enough for the log.
                let isNews = lastFailure.withLock { last in
                    defer { last = error.code }
                    return last != error.code
                }
                logger.log(
                    level: isNews ? .warning : .debug, "cannot connect to PostgreSQL",
                    metadata: ["cause": "\(error.debugDescription)"])
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

    func fail(_ waiters: [CheckedContinuation<Lease, Never>], with error: PostgresError) {
        for waiter in waiters { waiter.resume(returning: .failure(error)) }
    }

    /// How many connections are open.
    var openConnections: Int { state.withLock { $0.openCount } }
}

extension PostgresConnection {
    /// Waits while a server's process that was left in COMMIT waits for a standby, which may take long: who
    /// opened another connection at once, again and again, would use up all that the server has. What the
    /// process waits for is not told to every role.
    fileprivate func waitForEnd(of process: Int32) async {
        var backoff = Backoff()
        while isOpen, !Task.isCancelled {
            let found = try? await query(
                """
                SELECT FROM pg_stat_activity
                WHERE pid = \(process) AND coalesce(wait_event, 'SyncRep') = 'SyncRep'
                """, deadline: .now + .seconds(5))
            if let found, found.isEmpty { return }
            try? await Task.sleep(for: backoff.next())
        }
    }
}
