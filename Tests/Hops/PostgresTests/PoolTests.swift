import TestSupport
import Testing

@testable import Postgres

@Suite(.timeLimit(.minutes(5)))
struct PoolTests {
    private func kill(_ pid: Int32) async throws {
        try await TestPostgres.psql(
            try await TestPostgres.url, "SELECT pg_terminate_backend(\(pid), 10000)")
    }

    @Test func aBackendKilledInTheMiddle() async throws {
        try await withPool(size: 1) { pool in
            let error = await failure(PostgresError.self) {
                _ = try await pool.query(
                    "SELECT pg_terminate_backend(pg_backend_pid()), pg_sleep(30)")
            }
            #expect(error?.code == .connectionLost)
            #expect(error?.sqlState == "57P01")
            #expect(error?.isSafeToRetry == false)
            let rows = try await pool.query("SELECT 1")
            #expect(rows.count == 1)
        }
    }

    @Test func aBackendKilledWhileIdleIsNotLent() async throws {
        try await withPool(size: 1) { pool in
            let pid = try await pool.query("SELECT pg_backend_pid()")[0].decode(Int32.self, at: 0)
            try await kill(pid)
            let isReplaced = try await eventually {
                try await pool.query("SELECT pg_backend_pid()")[0].decode(Int32.self, at: 0) != pid
            }
            #expect(isReplaced)
        }
    }

    @Test func reconnectsAfterARestart() async throws {
        let server = try await PostgresServer.start()
        defer { server.stop() }
        let configuration = PostgresConfiguration(connectionString: server.url())
        try await withPool(configuration, size: 2) { pool in
            _ = try await pool.query("SELECT 1", deadline: seconds(10))
            #expect(pool.isReachable)
            for mode in ["fast", "immediate"] {
                try await server.pause(mode: mode)
                #expect(try await eventually { !pool.isReachable })
                var error: PostgresError?
                let took = await ContinuousClock().measure {
                    error = await failure {
                        _ = try await pool.query("SELECT 1", deadline: seconds(10))
                    }
                }
                // Refused, or what the server said to an attempt while it was shutting down.
                #expect(error?.isConnectFailure == true, "\(String(describing: error))")
                #expect(took < .seconds(30))
                try await server.start()
                #expect(
                    try await eventually {
                        await failure(PostgresError.self) {
                            _ = try await pool.query("SELECT 1", deadline: seconds(10))
                        } == nil
                    })
            }
        }
    }

    @Test func waitersAreServedInOrderAndBounded() async throws {
        try await withPool(size: 1, maximumWaiters: 1) { pool in
            try await pool.withConnection { _ in
                let late = await failure(PostgresError.self) {
                    _ = try await pool.query("SELECT 1", deadline: seconds(0.05))
                }
                #expect(late?.code == .deadlineExceeded)
                let codes = await withTaskGroup(of: PostgresError.Code?.self) { group in
                    for _ in 0..<2 {
                        group.addTask {
                            await failure(PostgresError.self) {
                                _ = try await pool.query("SELECT 1", deadline: seconds(2))
                            }?.code
                        }
                    }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                // Only one may wait, and the other is told so at once.
                #expect(codes == [.poolExhausted, .deadlineExceeded])
                let task = Task { try await pool.query("SELECT 1") }
                task.cancel()
                let cancelled = await failure(PostgresError.self) { _ = try await task.value }
                #expect(cancelled?.code == .cancelled)
            }
            #expect(try await pool.query("SELECT 1").count == 1)
        }
    }

    @Test func nobodyWaitsForeverForAConnection() async throws {
        try await withPool(size: 1, longestWait: .milliseconds(20)) { pool in
            #expect(try await eventually { pool.isReachable })
            try await pool.withConnection { _ in
                for deadline in [nil, seconds(90)] {
                    let late = await failure(PostgresError.self) {
                        _ = try await pool.query("SELECT 1", deadline: deadline)
                    }
                    #expect(late?.code == .poolTimeout)
                }
            }
        }
    }

    @Test func shutDownLetsCallsFinish() async throws {
        let pool = try PostgresPool(
            configuration: try await configuration(), size: 2, logger: .silent)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await pool.run() }
            let rows = try await pool.withConnection { connection in
                pool.shutDown()
                return try await connection.query("SELECT 1 FROM pg_sleep(0.1)")
            }
            #expect(rows.count == 1)
            try await group.waitForAll()
        }
        let error = await failure(PostgresError.self) { _ = try await pool.query("SELECT 1") }
        #expect(error?.code == .poolClosed)
        #expect(!pool.isReachable)
    }

    @Test func cancellingRunEndsCallsInProgress() async throws {
        let pool = try PostgresPool(
            configuration: try await configuration(), size: 1, logger: .silent)
        let running = Task { await pool.run() }
        let escaped = try await pool.withConnection { connection in
            async let error = failure(PostgresError.self) {
                _ = try await connection.query("SELECT pg_sleep(30)")
            }
            running.cancel()
            #expect(await error?.code == .connectionClosed)
            return connection
        }
        await running.value
        // It has ended: it answers all the same.
        let error = await failure(PostgresError.self) { _ = try await escaped.query("SELECT 1") }
        #expect(error?.code == .connectionClosed)
    }

    /// Whoever has run the pool may end the process next, under a thread that still connects.
    @Test(arguments: [true, false])
    func noAttemptToConnectOutlivesRun(isCancelled: Bool) async throws {
        let silent = try #require(SilentListener())
        let pool = try PostgresPool(
            configuration: PostgresConfiguration(
                connectionString: "postgresql://u@127.0.0.1:\(silent.port)/d"),
            size: 1, logger: .silent)
        let running = Task { await pool.run() }
        var peer: SilentPeer?
        #expect(
            try await eventually {
                peer = silent.accept()
                return peer != nil
            })
        if isCancelled { running.cancel() } else { pool.shutDown() }
        await running.value
        #expect(peer?.isClosed == true)
    }

    @Test func manyCallersWithDeadlines() async throws {
        try await withPool(size: 3, maximumWaiters: 1000) { pool in
            let codes = try await withThrowingTaskGroup(of: PostgresError.Code?.self) { group in
                for number in 0..<300 {
                    group.addTask {
                        await failure(PostgresError.self) {
                            let rows = try await pool.query(
                                "SELECT \(number), pg_sleep(0.002)",
                                deadline: seconds(number % 2 == 0 ? 90 : Double(number) * 0.002))
                            #expect(try rows[0].decode(Int.self, at: 0) == number)
                        }?.code
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(codes.allSatisfy { $0 == nil || $0 == .deadlineExceeded })
            #expect(codes.contains(nil))
            #expect(try await eventually { pool.openConnections == 3 })
            #expect(try await pool.query("SELECT 1").count == 1)
        }
    }
}
