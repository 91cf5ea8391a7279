import BalanceAPI
import BankAPI
import Chain
import GRPCCore
import Ledger
import Logging
import NIOCore
import ServiceLifecycle

/// Hop 2 from its client's side: the balance services, with what concurrent callers ask shared
/// among them.
struct BalanceServices: Service {
    struct Configuration: Sendable {
        var addresses: [HostAndPort]
        /// How many GetBalances calls may be on their way to each service.
        var batchesInFlight = 1
        /// How many SubmitTransfers calls may be.
        var writeBatchesInFlight = 2
        /// How many reads may wait for a batch.
        var waitingReads = 1000
        /// How many transfers may, together in all requests.
        var waitingTransfers = 5000
        /// How many reads one call carries; the contract allows 1000.
        var readsPerBatch = 500
        /// How many transfers does; the contract allows 1000.
        var transfersPerBatch = 500
        /// The least time for another attempt at what is locked.
        var lockWait = WriteAttempts.lockWait
    }

    let directory: BalanceServiceDirectory
    let reads: BalanceBatcher
    let writes: TransferBatcher
    let budget = RetryBudget()
    let lockWait: Duration
    let logger: Logger
    private let endpoints: [BalanceServiceEndpoint]

    init(configuration: Configuration, eventLoop: any EventLoop, logger: Logger) {
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
        lockWait = configuration.lockWait
        endpoints = configuration.addresses.enumerated().map { index, address in
            BalanceServiceEndpoint(
                index: index, address: address, batchesInFlight: configuration.batchesInFlight,
                writeBatchesInFlight: configuration.writeBatchesInFlight, reads: reads,
                writes: writes, directory: directory, budget: budget, eventLoop: eventLoop,
                logger: logger)
        }
    }

    /// Runs until its graceful shutdown, when nobody asks any more.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                for endpoint in endpoints {
                    group.addTask { await endpoint.run() }
                }
            }
        }
        reads.close()
        writes.close()
    }

    /// Reads one account with its balance, in a batch with what others ask at the same time.
    func account(
        _ read: BalanceRead, deadline: Deadline
    ) async throws(Problem) -> BalanceReadOutcome {
        do {
            return try await reads.submit(read, deadline: deadline)
        } catch {
            throw HopError.problem(error)
        }
    }

    /// Makes a call that only reads; again through another service when one is lost on the way.
    func read<Request, Reply>(
        _ call: UnaryCall<Request, Reply>
    ) async throws(Problem) -> UnaryCall<Request, Reply>.Answer {
        var attempt = 1
        var tried: SingleCalls?
        var backoff = Backoff()
        while true {
            let ready = try directory.next(besides: tried)
            do {
                let answer = try await ready.calls.send(call)
                budget.recordSuccess()
                return answer
            } catch {
                log(error, of: call.method, at: ready.address)
                guard HopError.isUnavailable(error), !Task.isCancelled, budget.recordFailure(),
                    attempt < BalanceServiceSession.attempts
                else { throw HopError.problem(error) }
                attempt += 1
                tried = ready.calls
                try? await Task.sleep(for: backoff.next())
            }
        }
    }

    func log(_ error: any Error, of method: MethodDescriptor, at address: HostAndPort) {
        guard HopError.problem(error).code == .internal else { return }
        logger.error(
            "\(method.method) failed", metadata: ["address": "\(address)", "error": "\(error)"])
    }
}
