import BalanceAPI
import Chain
import GRPCCore
import GRPCProtobuf
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

    // MARK: Health

    /// - Parameter timeout: nil: as long as it takes. An answer given up resets its stream, which the
    ///   connection would be made to pay for.
    /// - Returns: Why the service cannot be used, or `nil` when it can.
    private func checkHealth(within timeout: Duration? = nil) async -> End? {
        var options = CallOptions.defaults
        options.timeout = timeout
        do {
            let status = try await connection.unary(
                request: ClientRequest(message: Grpc_Health_V1_HealthCheckRequest()),
                descriptor: Grpc_Health_V1_Health.Method.Check.descriptor,
                serializer: ProtobufSerializer<Grpc_Health_V1_HealthCheckRequest>(),
                deserializer: ProtobufDeserializer<Grpc_Health_V1_HealthCheckResponse>(),
                options: options
            ) { response in try response.message.status }
            calls.noteAnswer()
            guard status == .serving else {
                return End(condition: .databaseUnavailable, reason: "health \(status)")
            }
            return nil
        } catch {
            return End(condition: condition(after: error), reason: "health check: \(error)")
        }
    }

    /// A service that does not know this tier says PERMISSION_DENIED.
    private func condition(after error: any Error) -> BalanceServiceCondition {
        let isDenied = (error as? RPCError)?.code == .permissionDenied
        return isDenied || endpoint.isOfCertificates(error)
            ? .certificateNotAccepted : .notConnected
    }

    private enum Finding: Sendable {
        case healthy
        case ill(End)
        case timeToLook
    }

    private func watchHealth() async -> End? {
        await withTaskGroup(of: Finding.self) { group in
            defer { group.cancelAll() }
            var looks = HealthLooks()
            var isAsking = false
            group.addTask { await Self.nextLook() }
            while let finding = await group.next(), !Task.isCancelled {
                switch finding {
                case .healthy: isAsking = false
                case .ill(let end): return end
                case .timeToLook:
                    if let reason = looks.look(at: calls) {
                        return End(condition: .notConnected, reason: reason, isHung: true)
                    }
                    if !isAsking {
                        isAsking = true
                        group.addTask { await checkHealth().map { .ill($0) } ?? .healthy }
                    }
                    group.addTask { await Self.nextLook() }
                }
            }
            return nil
        }
    }

    private static func nextLook() async -> Finding {
        try? await Task.sleep(for: healthInterval)
        return .timeToLook
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

/// What looks at a service have found: it lives as long as anything comes from it.
struct HealthLooks {
    private var answers = 0
    private var missed = 0

    /// - Returns: Why the service is out.
    mutating func look(at calls: CallsInFlight) -> String? {
        let answers = calls.answers
        missed = answers == self.answers ? missed + 1 : 0
        self.answers = answers
        if missed >= BalanceServiceSession.missedLooks { return "nothing comes from it" }
        return calls.isOverdue ? "a call went far past its deadline" : nil
    }
}
