import BalanceAPI
import GRPCCore
import SwiftProtobuf
import TestSupport
import Testing

@testable import BalanceService

extension ServiceTests {
    /// PostgreSQL goes and comes back; the service stays and says so.
    @Suite(.timeLimit(.minutes(3))) struct OutageTests {
        /// A PostgreSQL of its own, that a test may stop.
        private func withOwnBank<Result: Sendable>(
            _ body: @Sendable (PostgresServer, RunningService) async throws -> Result
        ) async throws -> Result {
            let server = try await PostgresServer.start()
            defer { server.stop() }
            let outcome: Swift.Result<Result, any Error>
            do {
                try await migrate(server.url())
                try await loadDemo(server.url())
                outcome = .success(
                    try await withService(server.url()) { service in try await body(server, service)
                    })
            } catch { outcome = .failure(error) }
            return try outcome.get()
        }

        @Test(arguments: ["fast", "immediate"]) func isUnavailableWhilePostgreSQLIsStopped(
            _ mode: String
        ) async throws {
            try await withOwnBank { server, service async throws in
                try await eventually { try await service.isServing() }
                let before = try await service.balances(17)

                try await server.pause(mode: mode)
                let start = ContinuousClock.now
                await expectFailure(.unavailable, because: .databaseUnavailable) {
                    try await service.balances(17)
                }
                #expect(start.duration(to: .now) < .seconds(20))
                try await eventually { try await !service.isServing() }

                try await server.start()
                try await eventually { try await service.isServing() }
                #expect(try await service.balances(17) == before)
            }
        }

        @Test func waitsForTheSchema() async throws {
            try await TestPostgres.withFreshDatabase("schema") { url in
                // The roles alone, or nobody could ask.
                try await migrate(url, Array(Migration.all.prefix(1)))
                try await withService(url) { service in
                    try await eventually {
                        let asked = """
                            SELECT count(*) FROM pg_stat_activity WHERE state = 'idle'
                            AND datname = current_database() AND query LIKE '%to_regclass%'
                            AND pid <> pg_backend_pid()
                            """
                        return try await TestPostgres.psql(url, asked) != "0"
                    }
                    #expect(try await !service.isServing())
                    try await migrate(url)
                    try await eventually { try await service.isServing() }
                }
            }
        }

        @Test func watchersHearOfIt() async throws {
            try await withOwnBank { server, service async throws in
                let watch = HealthWatch()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await watch.run(service) }
                    try await eventually { watch.statuses.last == .serving }
                    try await server.pause()
                    try await eventually { watch.statuses.last == .notServing }
                    try await server.start()
                    try await eventually { watch.statuses.last == .serving }
                    group.cancelAll()
                    try await group.waitForAll()
                }
            }
        }

        /// The service may be started before its database.
        @Test func waitsForPostgreSQL() async throws {
            let server = try await PostgresServer.start()
            defer { server.stop() }
            try await migrate(server.url())
            try await loadDemo(server.url())
            try await server.pause()
            try await withService(server.url()) { service async throws in
                #expect(try await !service.isServing())
                await expectFailure(.unavailable) { try await service.balances(17) }
                try await server.start()
                try await eventually { try await service.isServing() }
                #expect(try await service.balances(17).count == 1)
            }
        }
    }
}
