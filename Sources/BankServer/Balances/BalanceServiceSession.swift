import BalanceAPI
import Chain
import GRPCCore
import Logging

/// One connection to a balance service, from its first health check to the first failure.
struct BalanceServiceSession: Sendable {
    /// Why and how a session ended.
    struct End: Error {
        var condition: BalanceServiceCondition
        var wasReady = false
        /// For the log.
        var reason: String
    }

    static let healthInterval = Duration.seconds(1)
    static let healthTimeout = Duration.seconds(1)
    /// How long a service that takes no more calls has for those on their way.
    static let drainTime = Duration.milliseconds(500)
    static let attempts = 3

    let endpoint: BalanceServiceEndpoint
    let connection: BalanceServiceConnection
    let calls = CallsInFlight()

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
            var end = await checkHealth()
            let wasReady = end == nil
            if wasReady {
                becomeReady()
                group.addTask { await watchHealth() }
                addWorkers(to: &group)
                while end == nil, let next = await group.next() { end = next }
            }
            if wasReady, let end {
                endpoint.directory.markUnavailable(endpoint.index, end.condition)
            }
            connection.beginGracefulShutdown()
            group.cancelAll()
            return End(
                condition: end?.condition ?? .notConnected, wasReady: wasReady,
                reason: end?.reason ?? "cancelled")
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
        endpoint.directory.markReady(endpoint.index, through: connection)
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

    // MARK: Health

    /// - Returns: Why the service cannot be used, or `nil` when it can.
    private func checkHealth() async -> End? {
        let health = Grpc_Health_V1_Health.Client(wrapping: connection)
        var options = CallOptions.defaults
        options.timeout = Self.healthTimeout
        do {
            let response = try await health.check(
                Grpc_Health_V1_HealthCheckRequest(), options: options)
            guard response.status == .serving else {
                return End(condition: .databaseUnavailable, reason: "health \(response.status)")
            }
            return nil
        } catch {
            return End(condition: .notConnected, reason: "health check: \(error)")
        }
    }

    private func watchHealth() async -> End? {
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.healthInterval)
            if calls.isOverdue {
                return End(condition: .notConnected, reason: "a call went far past its deadline")
            }
            if let end = await checkHealth() {
                if end.condition == .databaseUnavailable { await retire(end) }
                return end
            }
        }
        return nil
    }

    /// Takes no more batches, and gives those on their way a moment to finish: a service that
    /// drains says NOT_SERVING, and still answers them.
    private func retire(_ end: End) async {
        endpoint.directory.markUnavailable(endpoint.index, end.condition)
        calls.retire()
        let bound = Deadline.after(Self.drainTime)
        while !calls.isEmpty, !bound.hasPassed, !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(5))
        }
    }
}
