import TestSupport
import Testing

@testable import Postgres

@Suite(.timeLimit(.minutes(1)))
struct TwoRoundTripTests {
    private struct Refusal: Error {}

    /// A connection, and a table of the test's own that other connections see.
    private func withTable(
        _ body: (_ connection: PostgresConnection, _ url: String) async throws -> Void
    ) async throws {
        try await TestPostgres.withFreshDatabase("trips") { url in
            try await TestPostgres.psql(url, "CREATE TABLE t (id int8 PRIMARY KEY)")
            let configuration = PostgresConfiguration(connectionString: url)
            let pool = try PostgresPool(configuration: configuration, size: 1, logger: .silent)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await pool.run() }
                try await pool.withConnection { try await body($0, url) }
                pool.shutDown()
                try await group.waitForAll()
            }
        }
    }

    private func count(_ url: String) async throws -> String {
        try await TestPostgres.psql(url, "SELECT count(*) FROM t")
    }

    /// Runs when the transaction commits.
    private func addTrigger(_ url: String, doing action: String) async throws {
        try await TestPostgres.psql(
            url,
            """
            CREATE FUNCTION act() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN \(action); RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER act AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION act()
            """)
    }

    private func insert(
        _ id: Int64, on connection: PostgresConnection, within seconds: Double = 30
    ) async throws {
        try await connection.transaction(
            opening: ["SELECT count(*) FROM t"], deadline: .now + .seconds(seconds)
        ) { _ in (["INSERT INTO t VALUES (\(id))"], ()) }
    }

    @Test func commitsWhatWasDecided() async throws {
        try await withTable { connection, url async throws in
            for id in Int64(1)...3 {
                let sum = try await connection.transaction(
                    opening: ["SELECT count(*) FROM t", "SELECT \(id)"]
                ) { opened in
                    let count = try opened[0][0].decode(Int64.self, at: 0)
                    let id = try opened[1][0].decode(Int64.self, at: 0)
                    return (["INSERT INTO t VALUES (\(id))"], count + id)
                }
                #expect(sum == 2 * id - 1)
            }
            #expect(try await count(url) == "3")
        }
    }

    @Test func nothingToWriteIsRolledBack() async throws {
        try await withTable { connection, url async throws in
            let answer = try await connection.transaction(
                opening: ["INSERT INTO t VALUES (1)"]
            ) { _ in ([], 42) }
            #expect(answer == 42)
            #expect(try await count(url) == "0")
            try await insert(2, on: connection)
        }
    }

    @Test func aDecisionThatThrowsRollsBack() async throws {
        try await withTable { connection, url async throws in
            let error = await failure(PostgresTransactionError.self) {
                try await connection.transaction(opening: ["INSERT INTO t VALUES (1)"]) { _ in
                    throw Refusal()
                }
            }
            #expect(error?.stage == .body)
            #expect(error?.underlying is Refusal)
            #expect(error?.isOutcomeUnknown == false)
            #expect(try await count(url) == "0")
            try await insert(2, on: connection)
        }
    }

    @Test func aStatementThatFailsIsNotCommitted() async throws {
        try await withTable { connection, url async throws in
            try await insert(1, on: connection)
            let inClosing = await failure(PostgresTransactionError.self) {
                try await insert(1, on: connection)
            }
            #expect(inClosing?.stage == .body)
            #expect(inClosing?.postgresError?.sqlState == "23505")
            #expect(inClosing?.isOutcomeUnknown == false)
            let inOpening = await failure(PostgresTransactionError.self) {
                try await connection.transaction(opening: ["SELECT 1 / \(Int64(0))"]) { _ in
                    (["INSERT INTO t VALUES (2)"], ())
                }
            }
            #expect(inOpening?.stage == .body)
            #expect(inOpening?.postgresError?.sqlState == "22012")
            #expect(try await count(url) == "1")
            try await insert(2, on: connection)
        }
    }

    @Test func aRefusedCommitIsNotCommitted() async throws {
        try await withTable { connection, url async throws in
            try await addTrigger(url, doing: "RAISE EXCEPTION 'no'")
            let error = await failure(PostgresTransactionError.self) {
                try await insert(1, on: connection)
            }
            #expect(error?.stage == .commit)
            #expect(error?.isOutcomeUnknown == false)
            #expect(try await count(url) == "0")
            #expect(try await connection.query("SELECT 1").count == 1)
        }
    }

    @Test func aConnectionLostBeforeTheSecondTripDoesNothing() async throws {
        try await withTable { connection, url async throws in
            let error = await failure(PostgresTransactionError.self) {
                try await connection.transaction(
                    opening: ["SELECT pg_terminate_backend(pg_backend_pid())"]
                ) { _ in (["INSERT INTO t VALUES (1)"], ()) }
            }
            #expect(error?.postgresError?.code == .connectionLost)
            #expect(error?.isOutcomeUnknown == false)
            #expect(try await count(url) == "0")
        }
    }

    @Test func aConnectionLostAtCommitIsUnknown() async throws {
        try await withTable { connection, url async throws in
            try await addTrigger(url, doing: "PERFORM pg_terminate_backend(pg_backend_pid())")
            let error = await failure(PostgresTransactionError.self) {
                try await insert(1, on: connection)
            }
            #expect(error?.stage == .commit)
            #expect(error?.isOutcomeUnknown == true)
            #expect(error?.isCommittedLocally == false)
            #expect(error?.isSafeToRetry == false)
        }
    }

    /// What is left to itself may still be committed.
    @Test func aDeadlineAtCommitIsUnknown() async throws {
        try await withTable { connection, url async throws in
            try await addTrigger(url, doing: "PERFORM pg_sleep(30)")
            let error = await failure(PostgresTransactionError.self) {
                try await insert(1, on: connection, within: 0.3)
            }
            #expect(error?.isOutcomeUnknown == true)
            #expect(error?.isSafeToRetry == false)
            // It sleeps on: nobody has cancelled it.
            let sleeps = try await TestPostgres.psql(
                url,
                """
                SELECT count(*) FROM pg_stat_activity
                WHERE pid = \(connection.backendPID) AND wait_event = 'PgSleep'
                """)
            #expect(sleeps == "1")
            let next = await failure(PostgresError.self) {
                _ = try await connection.query("SELECT 1")
            }
            #expect(next != nil)
        }
    }

    /// Its answer is worth waiting for a little.
    @Test func aCallerCancelledAtCommitHearsWhatBecameOfIt() async throws {
        try await withTable { _, url async throws in
            try await addTrigger(url, doing: "PERFORM pg_advisory_xact_lock(1)")
            var configuration = PostgresConfiguration(connectionString: url)
            configuration.cancelTimeout = .seconds(60)
            let pool = try PostgresPool(configuration: configuration, size: 2, logger: .silent)
            try await withThrowingTaskGroup(of: Void.self) { running in
                running.addTask { await pool.run() }
                try await pool.withConnection { other in
                    _ = try await other.query("SELECT pg_advisory_lock(1)::text")
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask {
                            try await pool.withConnection { try await insert(1, on: $0) }
                        }
                        let waits = try await eventually {
                            try await TestPostgres.psql(
                                url,
                                "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory'"
                            ) == "1"
                        }
                        #expect(waits)
                        group.cancelAll()
                        _ = try await other.query("SELECT pg_advisory_unlock(1)")
                        try await group.waitForAll()
                    }
                }
                pool.shutDown()
                try await running.waitForAll()
            }
            #expect(try await count(url) == "1")
        }
    }

    /// What a server says of a session is not said of its COMMIT.
    @Test(arguments: ["57P01", "57P02", "57P03", "08006"])
    func theEndOfASessionAtCommitIsUnknown(sqlState: String) async throws {
        try await withTable { connection, url async throws in
            try await addTrigger(
                url, doing: "RAISE EXCEPTION USING ERRCODE = '\(sqlState)', MESSAGE = 'over'")
            let error = await failure(PostgresTransactionError.self) {
                try await insert(1, on: connection)
            }
            #expect(error?.isOutcomeUnknown == true)
            #expect(error?.isSafeToRetry == false)
        }
    }

    @Test func aDeadlineWhileItWaitsForALock() async throws {
        try await withTable { connection, url async throws in
            try await insert(1, on: connection)
            try await withConnection({ $0.connectionString = url }) { other in
                _ = try await other.query("BEGIN")
                _ = try await other.query("SELECT id FROM t FOR UPDATE")
                let error = await failure(PostgresTransactionError.self) {
                    try await connection.transaction(
                        opening: ["SELECT id FROM t FOR UPDATE"], deadline: seconds(0.3)
                    ) { _ in (["INSERT INTO t VALUES (2)"], ()) }
                }
                #expect(error?.postgresError?.code == .deadlineExceeded)
                #expect(error?.isOutcomeUnknown == false)
            }
            try await insert(3, on: connection)
        }
    }

    @Test func aCancelledCallerUndoesIt() async throws {
        try await withTable { connection, url async throws in
            let error = await withTaskGroup(of: PostgresTransactionError?.self) { group in
                group.addTask {
                    await failure {
                        try await connection.transaction(opening: ["SELECT pg_sleep(30)"]) { _ in
                            (["INSERT INTO t VALUES (1)"], ())
                        }
                    }
                }
                let sleeps = try? await eventually {
                    try await TestPostgres.psql(
                        url,
                        """
                        SELECT count(*) FROM pg_stat_activity
                        WHERE pid = \(connection.backendPID) AND wait_event = 'PgSleep'
                        """) == "1"
                }
                #expect(sleeps == true)
                group.cancelAll()
                return await group.next() ?? nil
            }
            #expect(error?.postgresError?.code == .cancelled)
            try await insert(2, on: connection)
            #expect(try await count(url) == "1")
        }
    }
}
