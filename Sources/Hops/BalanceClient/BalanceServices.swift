public import Chain
public import GRPCCore
public import Logging
public import NIOCore
public import ServiceLifecycle

/// Hop 2 from its client's side: the balance services, with what concurrent callers ask shared
/// among them.
///
/// It is the one place in the servers that repeats what failed.
public struct BalanceServices: Service {
    public struct Configuration: Sendable {
        public var addresses: [HostAndPort]
        /// How many batches of reads may be on their way to each service.
        public var batchesInFlight = 1
        /// How many batches of transfers may be.
        public var writeBatchesInFlight = 2
        /// How many reads may wait for a batch.
        public var waitingReads = 1000
        /// How many transfers may, together in all requests.
        public var waitingTransfers = 5000
        /// How many reads one batch carries; the contract allows 1000.
        public var readsPerBatch = 500
        /// How many transfers does; the contract allows 1000.
        public var transfersPerBatch = 500
        /// The least time for another attempt at what is locked.
        public var lockWait = Self.lockWait
        /// Whether a bank is not to be used while somebody has a password of the demo's.
        public var refusesDemoPeople = false

        /// What a service takes to say that an account is locked: it waits for some tenths of a second,
        /// maybe behind a batch that does so too. An attempt with less time might end without an answer,
        /// and so as unknown.
        public static let lockWait = Duration.seconds(1)

        public init(addresses: [HostAndPort]) {
            self.addresses = addresses
        }
    }

    let directory: BalanceServiceDirectory
    let reads: BalanceBatcher
    let writes: TransferBatcher
    let budget = RetryBudget()
    let lockWait: Duration
    let logger: Logger
    /// Where callers may be called back, and all of it runs.
    public let eventLoop: any EventLoop
    private let endpoints: [BalanceServiceEndpoint]

    /// - Parameters:
    ///   - eventLoop: Where connections, batches and their calls run.
    ///   - isOfCertificates: Whether a connection of such a transport failed because of a certificate.
    ///   - transport: Makes what carries one connection to the service at an address.
    public init<Transport: ClientTransport>(
        configuration: Configuration, eventLoop: any EventLoop, logger: Logger,
        isOfCertificates: @escaping @Sendable (any Error) -> Bool = { _ in false },
        transport: @escaping @Sendable (HostAndPort) throws -> Transport
    ) {
        let reads = BalanceBatcher(
            limits: .init(waiting: configuration.waitingReads, batch: configuration.readsPerBatch),
            eventLoop: eventLoop)
        let writes = TransferBatcher(
            limits: .init(
                waiting: configuration.waitingTransfers, batch: configuration.transfersPerBatch),
            eventLoop: eventLoop)
        let directory = BalanceServiceDirectory(
            addresses: configuration.addresses, reads: reads, writes: writes)
        let budget = budget
        self.reads = reads
        self.writes = writes
        self.directory = directory
        self.logger = logger
        self.eventLoop = eventLoop
        lockWait = configuration.lockWait
        endpoints = configuration.addresses.enumerated().map { index, address in
            BalanceServiceEndpoint(
                index: index, address: address, batchesInFlight: configuration.batchesInFlight,
                writeBatchesInFlight: configuration.writeBatchesInFlight, reads: reads,
                writes: writes, directory: directory, budget: budget, eventLoop: eventLoop,
                refusesDemoPeople: configuration.refusesDemoPeople,
                isOfCertificates: isOfCertificates,
                connect: { GRPCClient(transport: try transport($0)) }, logger: logger)
        }
    }

    /// Runs until its graceful shutdown, when nobody asks any more.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                // All that belongs to a connection is on the event loop.
                let executor = EventLoopTaskExecutor(eventLoop)
                for endpoint in endpoints {
                    group.addTask(executorPreference: executor) { await endpoint.run() }
                }
            }
        }
        reads.close()
        writes.close()
    }

    /// Why each service cannot be used, in the order of their addresses; nil: it is ready.
    public var conditions: [BalanceServiceCondition?] {
        directory.entries.map { entry in
            if case .failure(let unavailable) = entry.state { unavailable.condition } else { nil }
        }
    }

    /// Whether more transfers would be refused now.
    public var isFullOfTransfers: Bool { writes.isFull }

    func log(_ error: any Error, of method: MethodDescriptor, at address: HostAndPort) {
        guard BalanceClientError(error) == .failed else { return }
        logger.error(
            "call of hop 2 failed",
            metadata: [
                "method": "\(method.method)", "address": "\(address)", "error": "\(error)",
            ])
    }
}
