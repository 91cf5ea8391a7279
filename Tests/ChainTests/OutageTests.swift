import BankAPI
import Foundation
import TestSupport
import Testing

/// Holds the accounts against every reader, as long as `body` runs.
func whileAccountsAreLocked<Result>(
    _ url: String, _ body: () async throws -> Result
) async throws -> Result {
    try await whileLocked(url, "ACCESS EXCLUSIVE", "AccessExclusiveLock", body)
}

/// Holds the accounts against whoever would change one, as long as `body` runs; they can be read.
func whilePostingWaits<Result>(
    _ url: String, _ body: () async throws -> Result
) async throws -> Result {
    try await whileLocked(url, "EXCLUSIVE", "ExclusiveLock", body)
}

private func whileLocked<Result>(
    _ url: String, _ mode: String, _ name: String, _ body: () async throws -> Result
) async throws -> Result {
    let isHeld = """
        FROM pg_locks WHERE relation = 'teller.accounts'::regclass AND mode = '\(name)' AND granted
        """
    let log = FileManager.default.temporaryDirectory
        .appendingPathComponent("lock-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: log) }
    let lock = try ChildProcess(
        [
            "psql", "-XAtq", "-d", url, "-c", "BEGIN",
            "-c", "LOCK TABLE teller.accounts IN \(mode) MODE",
            "-c", "SELECT 'locked'", "-c", "SELECT pg_sleep(120)",
        ], environment: ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? ""], log: log)
    defer { lock.stop() }
    try await eventually {
        try await TestPostgres.psql(url, "SELECT count(*) \(isHeld)") == "1"
    }
    let result = try await body()
    // Its end alone leaves the server asleep until it next writes to it.
    try await TestPostgres.psql(url, "SELECT pg_terminate_backend(pid) \(isHeld)")
    return result
}

/// Waits until statements of a balance service wait for a lock.
func waitForBlocked(_ url: String, atLeast count: Int = 1) async throws {
    try await eventually {
        try await TestPostgres.psql(
            url,
            """
            SELECT count(*) >= \(count) FROM pg_stat_activity WHERE datname = current_database()
            AND application_name = 'balance-service' AND wait_event_type = 'Lock'
            """) == "t"
    }
}

extension ChainTests {
    @Suite(.timeLimit(.minutes(3)))
    struct OutageTests {
        @Test(arguments: ["fast", "immediate"])
        func postgreSQLIsStoppedAndStarted(_ mode: String) async throws {
            let server = try await PostgresServer.start()
            defer { server.stop() }
            try await ChainHarness.with(services: 2, database: server.url()) {
                chain async throws in
                let before = try await chain.get(ChainHarness.balancePath)
                #expect(before.status == 200)
                try await server.pause(mode: mode)
                let start = ContinuousClock.now
                let answer = try await chain.get(ChainHarness.balancePath)
                #expect(start.duration(to: .now) < .seconds(15))
                #expect(answer.status == 503)
                #expect(answer.problemCode == "database_unavailable", "\(answer.body)")
                try await eventually {
                    try await chain.readiness().status == 503
                }
                let said = try await chain.teller("balance", try account(17))
                #expect(said.status == 69)
                #expect(said.output.split(separator: "\n").count == 1, "\(said.output)")

                try await server.start()
                try await chain.waitUntilReady(2)
                #expect(try await chain.get(ChainHarness.balancePath).body == before.body)
            }
        }
    }

    /// A deadline that runs out, at each tier in turn.
    @Suite(.timeLimit(.minutes(3)))
    struct DeadlineTests {
        @Test func atTheClient() async throws {
            let silent = try #require(SilentListener())
            let start = ContinuousClock.now
            let answer = try await Executables.run([
                Executables.teller, "balance", try account(17), "--timeout", "1s",
                "--server", "http://127.0.0.1:\(silent.port)",
            ])
            #expect(answer.status == 75, "\(answer.output)")
            #expect(answer.output.split(separator: "\n").count == 1)
            #expect(start.duration(to: .now) < .seconds(10))
        }

        @Test func atTheBankServer() async throws {
            try await ChainHarness.with { chain async throws in
                chain.services[0].process.send(SIGSTOP)
                let start = ContinuousClock.now
                let answer = try await chain.get(ChainHarness.balancePath, timeout: .seconds(1))
                #expect(start.duration(to: .now) < .seconds(10))
                #expect(answer.status == 504 || answer.status == 503, "\(answer.body)")
                chain.services[0].process.send(SIGCONT)
                try await eventually {
                    try await chain.get(ChainHarness.balancePath).status == 200
                }
            }
        }

        @Test func atTheBalanceService() async throws {
            try await ChainHarness.with { chain async throws in
                try await whileAccountsAreLocked(chain.database) { () async throws in
                    let start = ContinuousClock.now
                    let answer = try await chain.get(ChainHarness.balancePath, timeout: .seconds(1))
                    #expect(answer.status == 504)
                    #expect(answer.problemCode == "deadline_exceeded")
                    #expect(start.duration(to: .now) < .seconds(10))
                    let said = try await chain.teller("balance", try account(17), "--timeout", "1s")
                    #expect(said.status == 75, "\(said.output)")
                }
                try await eventually {
                    try await chain.get(ChainHarness.balancePath).status == 200
                }
            }
        }
    }
}
