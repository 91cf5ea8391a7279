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
        var backoff = Backoff()
        var lastCondition: BalanceServiceCondition?
        while !Task.isCancelled {
            let end = await runSession()
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

    private func runSession() async -> BalanceServiceSession.End {
        do {
            let target: any ResolvableTarget =
                if let path = address.unixPath {
                    .unixDomainSocket(path: path, authority: "localhost")
                } else {
                    .dns(host: address.host, port: address.port)
                }
            let transport = try HTTP2ClientTransport.Posix(
                target: target,
                transportSecurity: .plaintext, config: Self.transportConfig,
                eventLoopGroup: eventLoop)
            let session = BalanceServiceSession(
                endpoint: self, connection: GRPCClient(transport: transport))
            return await session.run()
        } catch {
            return .init(condition: .notConnected, wasReady: false, reason: "\(error)")
        }
    }

    private static let transportConfig = HTTP2ClientTransport.Posix.Config.defaults { config in
        // Batches coalesce already; waiting for more frames only adds to each call's time.
        config.connection.flushCoalescing = nil
    }
}
