import TestSupport
import Testing

@testable import LocalBank

/// A server that does not take everybody, or nobody yet.
extension PrivatePostgresTests {
    /// A standby that takes no readers answers as one that recovers does, for as long as one likes.
    private func startAsClosedStandby(
        _ fixture: Fixture
    ) async throws -> Task<RunningBank, any Error> {
        _ = try await fixture.up(options)
        try await fixture.bank.down()
        let folder = fixture.bank.home.dataFolder
        let owner = PrivatePostgres(fixture.bank.home).user
        try Files.replace(
            "\(folder)/postgresql.auto.conf", with: "hot_standby = off\n", owner: owner)
        try Files.replace("\(folder)/standby.signal", with: "", owner: owner)
        return Task { try await fixture.up(options) }
    }

    @Test func recoveryIsWaitedFor() async throws {
        try await Fixture.with { fixture in
            let starting = try await startAsClosedStandby(fixture)
            try await eventually {
                fixture.steps.waits.contains {
                    $0.contains("not accepting connections: Hot standby mode is disabled")
                }
            }
            let home = fixture.bank.home
            let promotion = try await PrivatePostgres(home).command(
                "pg_ctl", ["promote", "--pgdata", home.dataFolder]
            ).run(within: .seconds(60))
            #expect(promotion.succeeded, "\(promotion.output)")
            #expect(try await starting.value.outcome == .started)
        }
    }

    /// It serves, whatever it refuses: what is wrong is said at once, and not waited for.
    @Test func aServerThatRefusesForGoodIsNotWaitedFor() async throws {
        try await Fixture.with { fixture in
            _ = try await fixture.up(options)
            let postgres = PrivatePostgres(fixture.bank.home)
            let outcome = try await postgres.command(
                "psql",
                [
                    "-XAtq", "-d", postgres.url(role: "postgres"), "-c",
                    "ALTER DATABASE postgres ALLOW_CONNECTIONS false",
                ]
            ).run(within: .seconds(30))
            #expect(outcome.succeeded, "\(outcome.output)")
            #expect(try await postgres.readiness() == .ready(address: postgres.socketFolder))
            try await fixture.bank.down()
            #expect(await fixture.failure(options)?.code == .postgresFailed)
        }
    }

    /// A session that goes on keeps it from ending.
    @Test func aServerThatShutsDownIsNotWaitedForWithoutEnd() async throws {
        try await Fixture.with { fixture in
            _ = try await fixture.up(options)
            let home = fixture.bank.home
            let postgres = PrivatePostgres(home)
            let sleeper = Task { try await query("SELECT pg_sleep(600)", fixture) }
            try await eventually {
                let count = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%sleep(600)'"
                return try await query(count, fixture) == "1"
            }
            let stop = ["stop", "--pgdata", home.dataFolder, "--mode", "smart", "--no-wait"]
            _ = try await postgres.command("pg_ctl", stop).run(within: .seconds(30))
            let words = "the database system is shutting down"
            try await eventually {
                try await postgres.readiness() == .refuses(words)
            }
            var options = options
            options.readyTimeout = .seconds(1)
            #expect(await fixture.failure(options)?.code == .notReady)
            #expect(fixture.steps.waits == [words])
            sleeper.cancel()
            _ = try? await sleeper.value
        }
    }

    @Test func recoveryCanBeInterrupted() async throws {
        try await Fixture.with { fixture in
            let starting = try await startAsClosedStandby(fixture)
            try await eventually { !fixture.steps.waits.isEmpty }
            starting.cancel()
            await #expect(throws: CancellationError.self) { try await starting.value }
            #expect(try await fixture.bank.runningParts().isEmpty)
        }
    }
}
