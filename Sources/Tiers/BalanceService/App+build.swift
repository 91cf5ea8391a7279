import BalanceAPI
import BalanceTransport
import Chain
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Logging
import NIOCore
import NIOPosix
import Postgres
import ServiceLifecycle

/// Tier 3, put together: gRPC in front, the batches in the middle, PostgreSQL behind.
struct BalanceServiceApp {
    var address: HostAndPort
    var database: PostgresConfiguration
    /// How to reach people and their sessions; nil: as the ledger is, in their role.
    var identityDatabase: PostgresConfiguration?
    var connections: Int
    var batchesInFlight: Int
    var postingBatchesInFlight: Int
    var transfersPerBatch = TransferPoster.limits.batch
    var limits = HopLimits()
    /// How long a drain is announced before it begins; bank-server looks every 500 ms.
    var drainNotice = Duration.milliseconds(750)
    var readyFile: ReadyFile?
    /// This tier's end of hop 2; `nil`: it is not encrypted.
    var tls: TierTLS?
    /// The four letters of the bank, for a database that has no accounts yet.
    var bank = "DEMO"
    /// For how long it counts what a session's token was found to be.
    var sessionFreshness = SessionCache.freshness
    /// How much somebody may try in vain.
    var tries = RefusedTries.Limits()
    /// Who hashes passwords.
    var makeHasher: @Sendable () -> PasswordHasher = { PasswordHasher() }
    /// How batches are posted.
    var makePosting: @Sendable (PostgresPool, LedgerIdentityReader) -> any PostingTransactions = {
        PostingStore(pool: $0, ledger: $1)
    }

    /// Serves until a signal.
    ///
    /// - Throws: ``TierFailure`` when the address cannot be had; `PostgresError`.
    func run() async throws {
        let logger = Logger(label: "balance-service")
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let services = try services(on: group, logger: logger)
        try await TierRunner(logger: logger).run(services, on: group.next())
        ServerLog.flush()
    }

    /// The parts, wired together and not yet running.
    ///
    /// - Throws: `PostgresError` when the database's address is invalid; what TLS throws.
    func services(
        on group: MultiThreadedEventLoopGroup, logger: Logger
    ) throws -> ServiceGroup {
        for database in [database, identityDatabase].compactMap(\.self) {
            guard let mode = try database.weakerSSLMode else { continue }
            logger.warning(
                "another server could pass for PostgreSQL: only sslmode=verify-full tells",
                metadata: ["sslmode": "\(mode)"])
        }
        let pools = try ServicePools(self, logger: logger)
        let hasher = makeHasher()
        let sessions = SessionCache(pool: pools.sessions, freshness: sessionFreshness)
        let trail = SecurityTrail(pool: pools.identity, logger: logger)
        let askers = Askers(sessions: sessions, tries: RefusedTries(tries, trail: trail))
        let ledger = LedgerIdentityReader(pool: pools.reading, bank: bank)
        let poster = TransferPoster(
            transactions: makePosting(pools.posting, ledger),
            batchesInFlight: postingBatchesInFlight,
            limits: .init(
                waiting: TransferPoster.limits.waiting, batch: transfersPerBatch),
            eventLoop: group.next(), logger: logger)
        let status = ServingStatus()
        let store = AccountStore(pool: pools.reading)
        let reader = BalanceReader(
            store: store, batchesInFlight: batchesInFlight, eventLoop: group.next())
        let listening = AsyncStream<HostAndPort>.makeStream()
        let server = GRPCServer(
            transport: try transport(on: group),
            services: [
                BalancesService(
                    reader: reader, store: store,
                    history: BalanceHistory(pool: pools.reading, accounts: store),
                    askers: askers, status: status, logger: logger),
                LedgerService(
                    poster: poster, ledger: ledger, accounts: store,
                    auditor: Auditor(pool: pools.reading), status: status, bank: bank, pools: pools,
                    askers: askers, logger: logger),
                IdentityService(
                    pool: pools.identity, hasher: hasher, sessions: sessions, tries: askers.tries,
                    bank: bank, logger: logger),
                HealthService(status: status),
            ],
            interceptors: tls == nil ? [] : [CallerCheck(logger: logger)])
        // The last one shuts down first: no new calls, then the batches, then the connections.
        let poolServices: [any Service] =
            (pools.callers + [pools.identity, pools.monitor])
            .map(PoolService.init)
        let services: [any Service] = [
            trail, hasher, SessionEndings(in: people, sessions: sessions, logger: logger), reader,
            poster,
            HoldExpiry.chore(pool: pools.posting, logger: logger),
            SessionRemoval.chore(pool: pools.identity, logger: logger),
            ReadyFileService(file: readyFile, addresses: listening.stream, logger: logger),
            ServerService(
                server: server, status: status, address: address, notice: drainNotice,
                listening: listening.continuation),
            DatabaseMonitor(
                pool: pools.monitor, callersPools: pools.callers, status: status, ledger: ledger,
                logger: logger),
        ]
        let certificates = [tls].compactMap(\.self) as [any Service]
        return ServiceGroup(services: poolServices + certificates + services, logger: logger)
    }

    /// gRPC itself has no bounds but for a message and for the calls of one connection.
    private func bound(_ callbacks: inout HTTP2ServerTransport.Config.ChannelDebuggingCallbacks) {
        let connections = OpenConnections(limits: limits)
        callbacks.onBindTCPListener = { connections.watch($0) }
        callbacks.onAcceptTCPConnection = { ConnectionBounds.add(to: $0, connections) }
        callbacks.onAcceptHTTP2Stream = { stream in
            TimeoutFilter.add(to: stream).flatMap { CallBounds.add(to: stream, connections) }
        }
    }

    private func transport(
        on group: MultiThreadedEventLoopGroup
    ) throws -> HTTP2ServerTransport.Posix {
        .init(
            address: .init(address), transportSecurity: try tls?.server() ?? .plaintext,
            config: .defaults { config in
                // Past the default of 100 a client's connection would be closed on it.
                config.http2.maxConcurrentStreams = 1024
                // A request holds at most 1000 queries of about 100 bytes.
                config.rpc.maxRequestPayloadSize = 1024 * 1024
                // Batches coalesce already; waiting for more frames only adds to each call.
                config.connection.flushCoalescing = nil
                config.connection.keepalive.clientBehavior.allowWithoutCalls = true
                bound(&config.channelDebuggingCallbacks)
            }, eventLoopGroup: group)
    }
}

/// The pool as a service of the tier's group.
private struct PoolService: Service {
    let pool: PostgresPool

    func run() async throws {
        await withGracefulShutdownHandler {
            await pool.run()
        } onGracefulShutdown: {
            pool.shutDown()
        }
    }
}
