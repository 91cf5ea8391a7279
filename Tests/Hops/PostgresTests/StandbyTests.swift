import TestSupport
import Testing

@testable import Postgres

/// COMMIT waits for a standby, and what is told meanwhile is still true when that one takes over.
@Suite(.timeLimit(.minutes(3)))
struct StandbyTests {
    /// A server whose standby does not answer, with a table `t`.
    private func withSilentStandby(
        _ body: (_ primary: PostgresServer, _ standby: PostgresServer) async throws -> Void
    ) async throws {
        let primary = try await PostgresServer.start()
        defer { primary.stop() }
        try await TestPostgres.psql(primary.url(), "CREATE TABLE t (id int8 PRIMARY KEY)")
        let standby = try await primary.startStandby()
        defer { standby.stop() }
        try await primary.setSynchronous(true)
        try await standby.signal("STOP")
        try await body(primary, standby)
    }

    private func connect(
        _ server: PostgresServer,
        _ body: nonisolated(nonsending) (PostgresConnection) async throws -> Void
    ) async throws {
        try await PostgresConnection.withConnection(
            PostgresConfiguration(connectionString: server.url()), logger: .silent
        ) { try await body($0) }
    }

    private func insert(
        _ id: Int64, on connection: PostgresConnection, within seconds: Double
    ) async throws {
        try await connection.transaction(opening: ["SELECT 1"], deadline: .now + .seconds(seconds))
        { _ in (["INSERT INTO t VALUES (\(id))"], ()) }
    }

    private func ids(_ server: PostgresServer) async throws -> String {
        try await TestPostgres.psql(
            server.url(), "SELECT string_agg(id::text, ' ' ORDER BY id) FROM t")
    }

    /// Runs a function for each session that waits for the standby, once there is one.
    private func interrupt(_ function: String, _ server: PostgresServer) async throws {
        let isDone = try await eventually {
            try await TestPostgres.psql(
                server.url(),
                "SELECT \(function)(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'") != ""
        }
        #expect(isDone)
    }

    /// Neither the deadline nor the caller's end lets anybody see what the standby does not have.
    @Test func whatTheStandbyDoesNotHaveIsNotSeen() async throws {
        try await withSilentStandby { primary, standby async throws in
            try await connect(primary) { connection in
                let error = await failure(PostgresTransactionError.self) {
                    try await insert(1, on: connection, within: 0.5)
                }
                #expect(error?.isOutcomeUnknown == true)
                #expect(error?.isCommittedLocally == false)
            }
            // The same by other ways to write.
            try await connect(primary) { connection in
                let error = await failure(PostgresTransactionError.self) {
                    try await connection.withTransaction(deadline: .now + .seconds(0.5)) {
                        _ = try await $0.query("INSERT INTO t VALUES (2)")
                    }
                }
                #expect(error?.isOutcomeUnknown == true)
            }
            try await connect(primary) { connection in
                let error = await failure(PostgresError.self) {
                    _ = try await connection.query(
                        "INSERT INTO t VALUES (3)", deadline: .now + .seconds(0.5))
                }
                #expect(error?.code == .deadlineExceeded)
                #expect(error?.isSafeToRetry == false)
            }
            try await connect(primary) { connection in
                let error = await failure(PostgresError.self) {
                    try await connection.executeScript(
                        "INSERT INTO t VALUES (4)", deadline: .now + .seconds(0.5))
                }
                #expect(error?.isSafeToRetry == false)
            }
            try await connect(primary) { connection in
                await withTaskGroup(of: Void.self) { group in
                    group.addTask { try? await insert(5, on: connection, within: 60) }
                    let waits = try? await eventually {
                        try await TestPostgres.psql(
                            primary.url(),
                            """
                            SELECT count(*) FROM pg_stat_activity
                            WHERE pid = \(connection.backendPID) AND wait_event = 'SyncRep'
                            """) == "1"
                    }
                    #expect(waits == true)
                    group.cancelAll()
                }
            }
            #expect(try await ids(primary) == "")
            try await standby.signal("CONT")
            #expect(try await eventually { try await ids(primary) == "1 2 3 4 5" })
        }
    }

    /// However often it is tried: each connection of the pool leaves one session at most.
    @Test func whatWaitsForTheStandbyDoesNotPileUp() async throws {
        try await withSilentStandby { primary, standby async throws in
            let pool = try PostgresPool(
                configuration: PostgresConfiguration(connectionString: primary.url()), size: 2,
                logger: .silent)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await pool.run() }
                @Sendable func insert(_ id: Int64, within seconds: Double) async throws {
                    try await pool.transaction(
                        opening: ["SELECT 1"], deadline: .now + .seconds(seconds)
                    ) { _ in (["INSERT INTO t VALUES (\(id))"], ()) }
                }
                for id in Int64(1)...8 {
                    await #expect(throws: (any Error).self) { try await insert(id, within: 0.5) }
                }
                let waiting = try await TestPostgres.psql(
                    primary.url(),
                    "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
                #expect(waiting == "2")
                try await standby.signal("CONT")
                try await insert(9, within: 60)
                #expect(try await ids(primary) == "1 2 9")
                pool.shutDown()
                try await group.waitForAll()
            }
        }
    }

    /// Somebody else ends the wait: the row is there, and the answer is not 'done'.
    @Test(arguments: ["pg_cancel_backend", "pg_terminate_backend"])
    func aWaitThatIsCutShortIsUnknown(function: String) async throws {
        try await withSilentStandby { primary, _ async throws in
            try await connect(primary) { connection in
                async let cut: Void = interrupt(function, primary)
                let error = await failure(PostgresTransactionError.self) {
                    try await insert(1, on: connection, within: 60)
                }
                try await cut
                #expect(error?.isOutcomeUnknown == true)
                #expect(error?.isCommittedLocally == true)
            }
            try await connect(primary) { connection in
                async let cut: Void = interrupt(function, primary)
                let error = await failure(PostgresError.self) {
                    _ = try await connection.query(
                        "INSERT INTO t VALUES (2)", deadline: .now + .seconds(60))
                }
                try await cut
                #expect(error?.code == .commitOutcomeUnknown)
                #expect(error?.isSafeToRetry == false)
            }
            #expect(try await ids(primary) == "1 2")
        }
    }

    /// By an ordinary role.
    @Test func aBarrierWaitsForTheStandbyAndAReadDoesNot() async throws {
        try await withSilentStandby { primary, standby async throws in
            try await connect(primary) { connection in
                async let cut: Void = interrupt("pg_cancel_backend", primary)
                _ = try? await connection.query(
                    "CREATE ROLE ordinary", deadline: .now + .seconds(60))
                try await cut
                _ = try await connection.query("SET ROLE ordinary")
                let read: [PostgresQuery] = ["SELECT current_user"]
                let isBarred = await failure(PostgresTransactionError.self) {
                    try await connection.transaction(
                        opening: read, deadline: .now + .seconds(0.5)
                    ) { _ in ([.barrier], ()) }
                }
                #expect(isBarred?.isOutcomeUnknown == true)
            }
            try await connect(primary) { connection in
                try await connection.withTransaction(deadline: .now + .seconds(30)) {
                    _ = try await $0.query("SELECT count(*) FROM t")
                }
            }
            try await standby.signal("CONT")
            try await connect(primary) { connection in
                try await connection.transaction(
                    opening: ["SELECT 1"], deadline: .now + .seconds(60)
                ) { _ in ([.barrier], ()) }
            }
        }
    }
}
