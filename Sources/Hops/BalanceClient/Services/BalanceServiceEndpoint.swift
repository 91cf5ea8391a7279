import Chain
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
    let refusesDemoPeople: Bool
    /// Whether a connection failed because of a certificate.
    let isOfCertificates: @Sendable (any Error) -> Bool
    let connect: @Sendable (HostAndPort) throws -> any BalanceServiceConnection
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
                try connect(address), on: EventLoopTaskExecutor(eventLoop), calls: calls)
            let session = BalanceServiceSession(
                endpoint: self, connection: try connect(address), calls: calls, singles: singles)
            group.addTask { await singles.run() }
            let end = await session.run()
            // One that only takes no more, as it drains, still answers what it was asked.
            if end.isHung { singles.abandon() } else { singles.close() }
            return end
        } catch {
            return .init(condition: .notConnected, wasReady: false, reason: "\(error)")
        }
    }
}
