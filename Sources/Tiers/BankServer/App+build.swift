import BalanceClient
import BalanceTransport
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
    ///   - front: Hop 1's certificate; `nil`: plain HTTP.
    ///   - hop2: This tier's end of hop 2; `nil`: it is not encrypted.
    ///   - eventLoop: Where everything runs.
    ///   - log: Gets a line for each request; `nil`: the log that `logger` writes to.
    ///   - onListening: Called with the address that the server got.
    init(
        _ configuration: AppConfiguration, front: ServerTLS? = nil, hop2: TierTLS? = nil,
        eventLoop: any EventLoop,
        logger: Logger, log: AccessLog? = nil,
        onListening: @escaping @Sendable (HostAndPort) -> Void = { _ in }
    ) {
        let balances = BalanceServices(
            configuration: configuration.balances(isByTLS: front != nil), eventLoop: eventLoop,
            logger: logger,
            isOfCertificates: TLSTrouble.isCause
        ) { address in
            try HTTP2ClientTransport.Posix(
                toBalanceServiceAt: address, tls: hop2, on: eventLoop)
        }
        let listening = AsyncStream<HostAndPort>.makeStream()
        let drain = DrainState(notice: configuration.drainNotice)
        let inFlight = InFlightLimit(configuration.maxInFlight)
        let sources = RequestSources(configuration)
        let responder = BankResponder(
            bank: BankHandler(services: balances, logger: logger),
            operations: OperationsHandler(
                services: balances, drain: drain, sources: sources,
                isOnThisMachine: configuration.listen.isOnThisMachine),
            inFlight: inFlight,
            hostNames: Set(configuration.hostNames + [configuration.listen.host.lowercased()]),
            sources: sources, isByTLS: front != nil || configuration.isPlaintext,
            log: log ?? AccessLog(tier: "bank-server", level: logger.logLevel))
        let http = HTTPServer(
            listen: configuration.listen, responder: responder, limits: configuration.httpLimits,
            drain: drain, tls: front, eventLoop: eventLoop
        ) { address in
            listening.continuation.yield(address)
            onListening(address)
        }
        self.balances = balances
        let ready = ReadyFileService(
            file: configuration.readyFile, addresses: listening.stream, logger: logger)
        services = ServiceGroup(
            services: ([hop2, front] as [(any Service)?]).compactMap(\.self)
                + [ready, balances, LastAnswers(inFlight: inFlight), http, drain],
            logger: logger)
    }
}

extension AppConfiguration {
    fileprivate func balances(isByTLS: Bool) -> BalanceServices.Configuration {
        var balances = BalanceServices.Configuration(addresses: balanceServices)
        balances.batchesInFlight = batchesInFlight
        balances.writeBatchesInFlight = writeBatchesInFlight
        balances.waitingReads = maxInFlight
        balances.waitingTransfers = waitingTransfers
        balances.transfersPerBatch = transfersPerBatch
        balances.lockWait = lockWait
        balances.refusesDemoPeople = !isByTLS && !listen.isOnThisMachine
        return balances
    }
}

/// Runs the server until it was drained.
func runServer(_ configuration: AppConfiguration) async throws {
    let logger = Logger(label: "bank-server")
    let front = try configuration.frontTLS(logger: logger)
    let hop2 = try HopSecurity.tls(
        configuration.hop2, at: configuration.balanceServices, logger: logger)
    let eventLoopGroup = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let eventLoop = eventLoopGroup.next()
    let server = BankServer(
        configuration, front: front, hop2: hop2, eventLoop: eventLoop, logger: logger)
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
