internal import CLibPQ
internal import Logging
internal import Synchronization

/// One connection to PostgreSQL. It serves one call at a time.
///
/// Its code runs on its reactor's thread; callers stay on theirs.
public actor PostgresConnection {
    /// A call that is being served.
    struct Operation {
        var number: UInt64 = 0
        /// When to cancel; after that, when to do so again.
        var deadline: ContinuousClock.Instant?
        /// When to give the connection up.
        var cancelBound = ContinuousClock.now
        /// Why the call is being cancelled.
        var interruption: PostgresError.Code?
        /// A cancel request is on its way: it must arrive before the next call starts.
        var isCancelling = false
        /// The server may be in COMMIT, where nothing is ever cancelled.
        var mayCommit = false
    }

    nonisolated let reactor: SocketReactor
    nonisolated let configuration: PostgresConfiguration
    nonisolated let logger: Logger
    nonisolated let notices: NoticeReceiver
    private nonisolated let whenClosed: @Sendable (PostgresConnection) -> Void

    /// The process that serves the connection on the server, as in `pg_stat_activity`.
    public nonisolated let backendPID: Int32

    /// nil when closed.
    private var handle: ConnectionHandle?
    var watch: SocketWatch?
    var operation = Operation()
    var isBusy = false
    var statements: StatementCache
    private(set) var closeReason: PostgresError?
    private var closeWaiters: [CheckedContinuation<Void, Never>] = []
    private nonisolated let reusable = Atomic(false)
    private nonisolated let open = Atomic(true)
    /// It was closed while the server may still have been in COMMIT.
    nonisolated let leftCommitting = Atomic(false)

    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        reactor.asUnownedSerialExecutor()
    }

    private init(
        handle: ConnectionHandle, reactor: SocketReactor, configuration: PostgresConfiguration,
        logger: Logger, notices: NoticeReceiver,
        whenClosed: @escaping @Sendable (PostgresConnection) -> Void
    ) {
        self.handle = handle
        self.reactor = reactor
        self.configuration = configuration
        self.logger = logger
        self.notices = notices
        self.whenClosed = whenClosed
        backendPID = PQbackendPID(handle.pointer)
        statements = StatementCache(limit: configuration.preparedStatementLimit)
    }

    /// Connects.
    /// - Parameter whenClosed: called once on the reactor's thread when the connection has ended.
    static func connect(
        _ configuration: PostgresConfiguration, reactor: SocketReactor, logger: Logger,
        deadline: ContinuousClock.Instant?,
        whenClosed: @escaping @Sendable (PostgresConnection) -> Void = { _ in }
    ) async throws(PostgresError) -> PostgresConnection {
        let notices = NoticeReceiver(logger: logger)
        let parameters = try ConnectionParameters(configuration)
        let attempt = ConnectionAttempt(parameters: parameters, notices: notices)
        let handle = try await attempt.run(reactor: reactor, deadline: deadline)
        let connection = PostgresConnection(
            handle: handle, reactor: reactor, configuration: configuration, logger: logger,
            notices: notices, whenClosed: whenClosed)
        await connection.start()
        return connection
    }

    private func start() {
        guard let pointer else { return }
        // Pipelining in blocking mode can deadlock (manual, "Using Pipeline Mode").
        PQsetnonblocking(pointer, 1)
        PQenterPipelineMode(pointer)
        let watch = SocketWatch(reactor: reactor, descriptor: PQsocket(pointer)) { [weak self] in
            self?.assumeIsolated { $0.readWhileIdle() }
        }
        self.watch = watch
        reactor.add(watch)
        reusable.store(true, ordering: .releasing)
    }

    // MARK: Its end

    /// Closes the connection. A call in progress ends with `connectionClosed`.
    public func close() {
        close(because: PostgresError(.connectionClosed))
    }

    /// Closes the connection without waiting for it.
    nonisolated func closeSoon() {
        reactor.submit { self.assumeIsolated { $0.close() } }
    }

    /// Returns when the connection is closed, for whatever reason.
    func waitUntilClosed() async {
        await withCheckedContinuation { continuation in
            // Looked at in here: another job of the actor may run between a look before and this.
            if pointer == nil { continuation.resume() } else { closeWaiters.append(continuation) }
        }
    }

    func close(because reason: PostgresError) {
        guard handle != nil else { return }
        closeReason = reason
        open.store(false, ordering: .releasing)
        reusable.store(false, ordering: .releasing)
        if let watch {
            reactor.remove(watch)
            watch.signal(.interrupted, operation: operation.number)
        }
        watch = nil
        handle = nil
        whenClosed(self)
        for waiter in closeWaiters { waiter.resume() }
        closeWaiters = []
    }

    /// Something arrived that nobody asked for: a notice, or the end of the connection.
    private func readWhileIdle() {
        // Between two waits of a call: what is there stays for it.
        guard let pointer, !isBusy else { return }
        let isOpen = PQconsumeInput(pointer) == 1
        // In an idle connection PQisBusy makes libpq take notices and the server's last words in.
        _ = PQisBusy(pointer)
        while let notification = PQnotifies(pointer) { PQfreemem(notification) }
        guard !isOpen || PQstatus(pointer) == CONNECTION_BAD else { return }
        close(because: lostError())
    }

    /// What libpq knows of the end of the connection.
    func lostError(diagnostics: PostgresDiagnostics? = nil) -> PostgresError {
        let text = pointer.flatMap { PQerrorMessage($0) }.map { String(cString: $0) } ?? ""
        return PostgresError(.connectionLost, detail: text, diagnostics: diagnostics)
    }

    // MARK: Its state

    /// libpq's connection; nil when closed. To be read again after each `await`.
    var pointer: OpaquePointer? { handle?.pointer }

    nonisolated var isOpen: Bool { open.load(ordering: .acquiring) }

    /// Whether another caller may have the connection: open, idle and in no transaction.
    nonisolated var isReusable: Bool { reusable.load(ordering: .acquiring) }

    func updateReusable() {
        let isIdle = pointer.map { PQtransactionStatus($0) == PQTRANS_IDLE } ?? false
        reusable.store(isIdle && !isBusy, ordering: .releasing)
    }

    func markBusy() {
        isBusy = true
        reusable.store(false, ordering: .releasing)
    }
}
