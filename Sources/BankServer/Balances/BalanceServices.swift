import BalanceAPI
import BankAPI
import Chain
import GRPCCore
import Ledger
import Logging
import NIOCore
import ServiceLifecycle

/// Hop 2 from its client's side: the balance services, with the reads of concurrent callers shared
/// among them.
struct BalanceServices: Service {
    struct Configuration: Sendable {
        var addresses: [HostAndPort]
        /// How many GetBalances calls may be on their way to each service.
        var batchesInFlight = 1
        /// How many reads may wait for a batch.
        var waitingReads = 1000
        /// How many reads one call carries; the contract allows 1000.
        var readsPerBatch = 500
    }

    let directory: BalanceServiceDirectory
    let batcher: BalanceBatcher
    private let endpoints: [BalanceServiceEndpoint]
    private let budget = RetryBudget()
    private let logger: Logger

    init(configuration: Configuration, eventLoop: any EventLoop, logger: Logger) {
        let batcher = BalanceBatcher(
            limits: .init(waiting: configuration.waitingReads, batch: configuration.readsPerBatch),
            eventLoop: eventLoop)
        let directory = BalanceServiceDirectory(
            addresses: configuration.addresses, batcher: batcher)
        let budget = budget
        self.batcher = batcher
        self.directory = directory
        self.logger = logger
        endpoints = configuration.addresses.enumerated().map { index, address in
            BalanceServiceEndpoint(
                index: index, address: address, batchesInFlight: configuration.batchesInFlight,
                batcher: batcher, directory: directory, budget: budget,
                eventLoop: eventLoop, logger: logger)
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
        batcher.close()
    }

    /// Reads one account with its balance, in a batch with what others ask at the same time.
    func account(
        _ number: AccountNumber, deadline: Deadline, trace: TraceContext?
    ) async throws(Problem) -> BalanceReadOutcome {
        do {
            return try await batcher.submit(
                BalanceRead(account: number, trace: trace), deadline: deadline)
        } catch {
            throw HopError.problem(error)
        }
    }

    /// Reads a page of accounts; again from another service when one is lost on the way.
    func accounts(_ call: AccountsCall) async throws(Problem) -> AccountsCall.Reply {
        var attempt = 1
        var backoff = Backoff()
        while true {
            let ready = try directory.next()
            do {
                let reply = try await call.send(through: ready.connection)
                budget.recordSuccess()
                return reply
            } catch {
                let problem = HopError.problem(error)
                if problem.code == .internal {
                    logger.error(
                        "ListAccounts failed",
                        metadata: ["address": "\(ready.address)", "error": "\(error)"])
                }
                guard HopError.isUnavailable(error), !Task.isCancelled, budget.recordFailure(),
                    attempt < BalanceServiceSession.attempts
                else { throw problem }
                attempt += 1
                try? await Task.sleep(for: backoff.next())
            }
        }
    }
}
