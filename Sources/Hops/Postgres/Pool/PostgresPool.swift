internal import Chain
public import Logging
internal import Synchronization

/// A fixed number of connections that many callers share.
///
/// `run()` keeps them open and must run as long as the pool is used. It ends when its task is cancelled,
/// which closes all connections at once, or after `shutDown()`, which lets calls in progress finish.
public final class PostgresPool: Sendable {
    typealias Lease = Result<PostgresConnection, PostgresError>

    /// How many connections it keeps open.
    public let size: Int
    private let configuration: PostgresConfiguration
    private let longestWait: Duration
    private let logger: Logger
    private let state: Mutex<PoolState<PostgresConnection, Handoff<Lease>>>
    private let stopped = Handoff<Void>()
    private let lastFailure = Mutex<PostgresError.Code?>(nil)

    /// - Parameters:
    ///   - size: how many connections to keep open.
    ///   - maximumWaiters: how many callers may wait for one; more are refused at once.
    ///   - longestWait: how long a caller waits for one at most, whatever its deadline.
    /// - Throws: `.configuration`; nothing of the connection string is in its text.
    public init(
        configuration: PostgresConfiguration, size: Int, maximumWaiters: Int = 1000,
        longestWait: Duration = .seconds(5), logger: Logger
    ) throws(PostgresError) {
        guard size > 0, maximumWaiters >= 0 else {
            throw PostgresError(.configuration, detail: "a pool needs at least one connection")
        }
        // Nothing that can be known now is found out by the first caller.
        _ = try ConnectionParameters(configuration)
        self.configuration = configuration
        self.size = size
        self.longestWait = longestWait
        self.logger = logger
        state = Mutex(PoolState(waiterLimit: maximumWaiters))
    }

    /// Opens the connections, and opens each again when it ends. Call it once.
    public func run() async {
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                for _ in 0..<size { group.addTask { await self.keepConnected() } }
                await stopped.value()
                // Ends attempts to connect and waits between them.
                group.cancelAll()
            }
        } onCancel: {
            close(withLeased: true)
        }
        close(withLeased: true)
    }

    /// Refuses new callers, lets those that have a connection finish, and ends `run()`.
    public func shutDown() {
        close(withLeased: false)
    }

    private func close(withLeased: Bool) {
        let (waiters, connections) = state.withLock { $0.close(withLeased: withLeased) }
        fail(waiters, with: PostgresError(.poolClosed, isSafeToRetry: true))
        for connection in connections { connection.closeSoon() }
        stopped.offer(())
    }

    // MARK: Connections

    /// One connection after another, until the pool ends.
    private func keepConnected() async {
        var backoff = Backoff()
        // The process behind the last connection, when it was left in COMMIT.
        var committing: Int32?
        while !Task.isCancelled, state.withLock({ $0.isOpen }) {
            do throws(PostgresError) {
                let connection = try await PostgresConnection.connect(configuration, logger: logger)
                let opened = ContinuousClock.now
                lastFailure.withLock { $0 = nil }
                logger.debug("PostgreSQL connected", metadata: ["pid": "\(connection.backendPID)"])
                if let process = committing { await connection.waitForEnd(of: process) }
                giveBack(connection)
                committing = await connection.ended() ? connection.backendPID : nil
                forget(connection)
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

    // MARK: Leases

    /// A connection that nobody else has, until it is given back.
    nonisolated(nonsending) func acquire(
        deadline: ContinuousClock.Instant?
    ) async throws(PostgresError) -> PostgresConnection {
        switch state.withLock({ $0.acquire(waiter: Handoff(), where: \.isOpen) }) {
        case .lease(let connection): return connection
        case .fail(let error): throw error
        case .wait(let waiter): return try await wait(as: waiter, until: deadline)
        }
    }

    nonisolated(nonsending) private func wait(
        as waiter: Handoff<Lease>, until deadline: ContinuousClock.Instant?
    ) async throws(PostgresError) -> PostgresConnection {
        var (end, error) = (ContinuousClock.now + longestWait, PostgresError(.poolTimeout))
        if let deadline, deadline <= end {
            (end, error) = (deadline, PostgresError(.deadlineExceeded, isSafeToRetry: true))
        }
        async let _: Void = Self.fail(waiter, at: end, with: error)
        let lease = await withTaskCancellationHandler {
            await waiter.value()
        } onCancel: {
            waiter.offer(.failure(PostgresError(.cancelled, isSafeToRetry: true)))
        }
        if case .failure = lease { state.withLock { $0.abandon(waiter) } }
        return try lease.get()
    }

    private static func fail(
        _ waiter: Handoff<Lease>, at end: ContinuousClock.Instant, with error: PostgresError
    ) async {
        let isOver = (try? await Task.sleep(until: end, clock: .continuous)) != nil
        if isOver { waiter.offer(.failure(error)) }
    }

    func giveBack(_ connection: PostgresConnection) {
        guard connection.isOpen else { return forget(connection) }
        // Left in a transaction or in the middle of a call: nobody can know what state it is in.
        guard connection.isReusable else { return connection.closeSoon() }
        var next = state.withLock { $0.free(connection) }
        while let waiter = next.waiter, !waiter.offer(.success(connection)) {
            next = state.withLock { $0.free(connection) }
        }
        if next.closes { connection.closeSoon() }
        // It may have ended before it was in the list that `forget` takes it from.
        if !connection.isOpen { forget(connection) }
    }

    private func fail(_ waiters: [Handoff<Lease>], with error: PostgresError) {
        for waiter in waiters { waiter.offer(.failure(error)) }
    }

    /// How many connections are open.
    var openConnections: Int { state.withLock { $0.openCount } }

    /// Whether a connection is open; costs nothing. A server that hangs is found by a query only.
    public var isReachable: Bool { openConnections > 0 }
}

extension Backoff {
    /// How long a connection must live to count as a success.
    private static let shortestLife = Duration.seconds(1)

    /// The pause after a connection that was made and then ended: one that ends at once, each time, is no
    /// better than none.
    mutating func next(afterLiving life: Duration) -> Duration {
        guard life >= Self.shortestLife else { return next() }
        reset()
        return .zero
    }
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
