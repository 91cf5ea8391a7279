import BalanceClient
import Chain
import GRPCNIOTransportHTTP2Posix
import HTTPFront
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// The parts of the server, wired together.
struct BankServer: Sendable {
    /// In the order of the chain's end: a shutdown reaches the last one first, so that hop 2 is there
    /// until the last request was answered.
    let services: ServiceGroup
    let balances: BalanceServices

    /// - Parameters:
    ///   - eventLoop: Where everything runs.
    ///   - log: Gets a line for each request; `nil`: the log that `logger` writes to.
    ///   - onListening: Called with the address that the server got.
    init(
        _ configuration: AppConfiguration, eventLoop: any EventLoop, logger: Logger,
        log: AccessLog? = nil,
        onListening: @escaping @Sendable (HostAndPort) -> Void = { _ in }
    ) {
        let balances = BalanceServices(
            configuration: configuration.balances, eventLoop: eventLoop, logger: logger
        ) { address in
            try HTTP2ClientTransport.Posix(to: address, on: eventLoop)
        }
        let listening = AsyncStream<HostAndPort>.makeStream()
        let drain = DrainState(notice: configuration.drainNotice)
        let inFlight = InFlightLimit(configuration.maxInFlight)
        let responder = BankResponder(
            bank: BankHandler(services: balances, logger: logger),
            operations: OperationsHandler(services: balances, drain: drain),
            inFlight: inFlight,
            hostNames: Set(configuration.hostNames + [configuration.listen.host.lowercased()]),
            log: log ?? AccessLog(tier: "bank-server", level: logger.logLevel))
        let http = HTTPServer(
            listen: configuration.listen, responder: responder, limits: configuration.httpLimits,
            drain: drain, eventLoop: eventLoop
        ) { address in
            listening.continuation.yield(address)
            onListening(address)
        }
        self.balances = balances
        let ready = ReadyFileService(
            file: configuration.readyFile, addresses: listening.stream, logger: logger)
        services = ServiceGroup(
            services: [ready, balances, LastAnswers(inFlight: inFlight), http, drain],
            logger: logger)
    }
}

extension AppConfiguration {
    fileprivate var balances: BalanceServices.Configuration {
        var balances = BalanceServices.Configuration(addresses: balanceServices)
        balances.batchesInFlight = batchesInFlight
        balances.writeBatchesInFlight = writeBatchesInFlight
        balances.waitingReads = maxInFlight
        balances.waitingTransfers = waitingTransfers
        balances.transfersPerBatch = transfersPerBatch
        balances.lockWait = lockWait
        return balances
    }
}

extension HTTP2ClientTransport.Posix {
    /// What carries hop 2.
    fileprivate init(to address: HostAndPort, on eventLoop: any EventLoop) throws {
        let target: any ResolvableTarget =
            if let path = address.unixPath {
                .unixDomainSocket(path: path, authority: "localhost")
            } else {
                .dns(host: address.host, port: address.port)
            }
        try self.init(
            target: target, transportSecurity: .plaintext,
            config: .defaults { config in
                // Batches coalesce already; waiting for more frames only adds to each call's time.
                config.connection.flushCoalescing = nil
            }, eventLoopGroup: eventLoop)
    }
}

/// Runs the server until it was drained.
func runServer(_ configuration: AppConfiguration) async throws {
    let logger = Logger(label: "bank-server")
    let eventLoopGroup = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let eventLoop = eventLoopGroup.next()
    let server = BankServer(configuration, eventLoop: eventLoop, logger: logger)
    let result: Result<Void, any Error>
    do {
        result = .success(
            try await TierRunner(logger: logger).run(server.services, on: eventLoop))
    } catch {
        result = .failure(
            TierFailure(error) ?? TierFailure(listeningAt: configuration.listen, error))
    }
    try await eventLoopGroup.shutdownGracefully()
    try result.get()
}
