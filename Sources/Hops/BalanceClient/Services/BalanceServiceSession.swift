import BalanceAPI
import Chain
import GRPCCore
import Logging

/// One connection to a balance service, from its first health check to the first failure.
struct BalanceServiceSession: Sendable {
    typealias End = BalanceServiceEnd

    /// Between two looks at a service; it is asked for its health when it has answered the last time.
    static let healthInterval = Duration.milliseconds(500)
    /// How many looks in a row find that nothing came before the service is out. They are counted, not
    /// timed: who is late here, with much to do, is no reason to give up a service.
    static let missedLooks = 8
    /// How long the first answer may take.
    static let healthTimeout = Duration.seconds(3)
    /// How long a service that takes no more calls has for those on their way: reads can be made again,
    /// and a write would be left unknown.
    static let drainTime = (reads: Duration.milliseconds(500), writes: Duration.seconds(10))

    let endpoint: BalanceServiceEndpoint
    let connection: any BalanceServiceConnection
    let calls: CallsInFlight
    /// For the calls that are in no batch.
    let singles: SingleCalls

    func run() async -> End {
        let (closed, connecting) = connect()
        defer { connecting.cancel() }
        return await withTaskGroup(of: End?.self) { group in
            group.addTask {
                for await reason in closed {
                    return End(condition: .notConnected, reason: reason)
                }
                return nil
            }
            var end = await checkHealth(within: Self.healthTimeout)
            let wasReady = end == nil
            if wasReady {
                becomeReady()
                group.addTask { await watchHealth() }
                addWorkers(to: &group)
                while end == nil, let next = await group.next() { end = next }
                if let end { await retire(end) }
            }
            connection.beginGracefulShutdown()
            group.cancelAll()
            var result = end ?? End(condition: .notConnected, reason: "cancelled")
            result.wasReady = wasReady
            return result
        }
    }

    /// Connects in a task of its own, which ends with the connection: an attempt to connect cannot be
    /// cancelled and lasts up to 10 s when nobody answers, and neither a drain nor the next session
    /// shall wait for it.
    ///
    /// - Returns: Why the connection ended, once it has, and the task to cancel.
    private func connect() -> (closed: AsyncStream<String>, Task<Void, Never>) {
        let (closed, continuation) = AsyncStream<String>.makeStream()
        let executor = EventLoopTaskExecutor(endpoint.eventLoop)
        let task = Task(executorPreference: executor) { [connection] in
            do {
                try await connection.runConnections()
                continuation.yield("connection closed")
            } catch {
                continuation.yield("\(error)")
            }
            continuation.finish()
        }
        return (closed, task)
    }

    private func becomeReady() {
        endpoint.directory.markReady(endpoint.index, through: singles)
        endpoint.logger.info(
            "balance service ready", metadata: ["address": "\(endpoint.address)"])
    }

    private func addWorkers(to group: inout TaskGroup<End?>) {
        for number in 0..<endpoint.batchesInFlight {
            let worker = BatchWorker<BalancesCall>(
                session: self, batcher: endpoint.reads, number: number)
            group.addTask { await worker.run() }
        }
        for number in 0..<endpoint.writeBatchesInFlight {
            let worker = BatchWorker<TransfersCall>(
                session: self, batcher: endpoint.writes,
                number: endpoint.batchesInFlight + number)
            group.addTask { await worker.run() }
        }
    }

    /// Takes no more batches, and gives those on their way time to finish: a service that drains says
    /// NOT_SERVING or lets no new call begin, and still answers them.
    private func retire(_ end: End) async {
        endpoint.directory.markUnavailable(endpoint.index, end.condition)
        calls.retire()
        guard !end.isHung else { return }
        await wait(for: 0..., atMost: Self.drainTime.reads)
        await wait(for: endpoint.batchesInFlight..., atMost: Self.drainTime.writes)
    }

    private func wait(for workers: PartialRangeFrom<Int>, atMost time: Duration) async {
        let bound = Deadline.after(time)
        while !calls.isEmpty(workers), !bound.hasPassed, !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(5))
        }
    }
}
