import BalanceAPI
import Chain
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Logging
import NIOCore

/// Keeps a session with one balance service, again and again.
struct BalanceServiceEndpoint: Sendable {
    let index: Int
    let address: HostAndPort
    let batchesInFlight: Int
    let writeBatchesInFlight: Int
    let reads: BalanceBatcher
    let writes: TransferBatcher
    let directory: BalanceServiceDirectory
    let budget: RetryBudget
    /// Where the connection, the session and its calls run.
    let eventLoop: any EventLoop
    let logger: Logger

    /// Runs until it is cancelled.
    func run() async {
        // Calls may outlive the session that they were made in.
        await withDiscardingTaskGroup { group in
            await runSessions(in: &group)
        }
    }

    private func runSessions(in group: inout DiscardingTaskGroup) async {
        var backoff = Backoff()
        var lastCondition: BalanceServiceCondition?
        while !Task.isCancelled {
            let end = await runSession(in: &group)
            guard !Task.isCancelled else { return }
            directory.markUnavailable(index, end.condition)
            if end.wasReady { backoff.reset() }
            if end.wasReady || end.condition != lastCondition {
                logger.warning(
                    "balance service unavailable",
                    metadata: [
                        "address": "\(address)", "condition": "\(end.condition.description)",
                        "reason": "\(end.reason)",
                    ])
            }
            lastCondition = end.condition
            try? await Task.sleep(for: backoff.next())
        }
    }

    private func runSession(
        in group: inout DiscardingTaskGroup
    ) async -> BalanceServiceSession.End {
        do {
            let calls = CallsInFlight()
            let singles = SingleCalls(
                try makeConnection(), on: EventLoopTaskExecutor(eventLoop), calls: calls)
            let session = BalanceServiceSession(
                endpoint: self, connection: try makeConnection(), calls: calls, singles: singles)
            group.addTask { await singles.run() }
            let end = await session.run()
            // One that only takes no more, as it drains, still answers what it was asked.
            if end.isHung { singles.abandon() } else { singles.close() }
            return end
        } catch {
            return .init(condition: .notConnected, wasReady: false, reason: "\(error)")
        }
    }

    private func makeConnection() throws -> BalanceServiceConnection {
        let target: any ResolvableTarget =
            if let path = address.unixPath {
                .unixDomainSocket(path: path, authority: "localhost")
            } else {
                .dns(host: address.host, port: address.port)
            }
        return GRPCClient(
            transport: try HTTP2ClientTransport.Posix(
                target: target, transportSecurity: .plaintext,
                config: Self.transportConfig, eventLoopGroup: eventLoop))
    }

    private static let transportConfig = HTTP2ClientTransport.Posix.Config.defaults { config in
        // Batches coalesce already; waiting for more frames only adds to each call's time.
        config.connection.flushCoalescing = nil
    }
}
