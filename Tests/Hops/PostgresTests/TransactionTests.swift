import TestSupport
import Testing

@testable import Postgres

@Suite(.timeLimit(.minutes(1)))
struct TransactionTests {
    private struct Refusal: Error {}

    private func withTable(
        _ body: nonisolated(nonsending) (PostgresConnection) async throws -> Void
    ) async throws {
        try await withConnection { connection in
            try await connection.executeScript(
                "CREATE TEMP TABLE t (id int8 UNIQUE DEFERRABLE INITIALLY DEFERRED)")
            try await body(connection)
        }
    }

    private func count(_ connection: PostgresConnection) async throws -> Int {
        try await connection.query("SELECT count(*) FROM t")[0].decode(at: 0)
    }

    @Test func commits() async throws {
        try await withTable { connection in
            try await connection.withTransaction { connection in
                _ = try await connection.query("INSERT INTO t VALUES (1)")
            }
            let rows = try await count(connection)
            #expect(rows == 1)
            let level = try await connection.withTransaction(.repeatableReadReadOnly) {
                try await $0.query("SHOW transaction_isolation")[0].decode(String.self, at: 0)
            }
            #expect(level == "repeatable read")
        }
    }

    @Test func aThrowingBodyRollsBack() async throws {
        try await withTable { connection in
            let error = await failure(PostgresTransactionError.self) {
                try await connection.withTransaction { connection in
                    _ = try await connection.query("INSERT INTO t VALUES (1)")
                    throw Refusal()
                }
            }
            #expect(error?.stage == .body)
            #expect(error?.underlying is Refusal)
            #expect(error?.rollbackError == nil)
            let rows = try await count(connection)
            #expect(rows == 0)
        }
    }

    @Test func aRefusedCommitIsKnownNotToBeCommitted() async throws {
        try await withTable { connection in
            let error = await failure(PostgresTransactionError.self) {
                try await connection.withTransaction { connection in
                    _ = try await connection.query("INSERT INTO t VALUES (1), (1)")
                }
            }
            #expect(error?.stage == .commit)
            #expect(error?.postgresError?.sqlState == "23505")
            #expect(error?.isOutcomeUnknown == false)
            let rows = try await count(connection)
            #expect(rows == 0)
        }
    }

    @Test func aSwallowedFailureDoesNotCommit() async throws {
        try await withTable { connection in
            let error = await failure(PostgresTransactionError.self) {
                try await connection.withTransaction { connection in
                    _ = try? await connection.query("SELECT 1 / \(Int64(0))")
                }
            }
            #expect(error?.stage == .commit)
            #expect(error?.postgresError?.code == .transactionRolledBack)
            let rows = try await count(connection)
            #expect(rows == 0)
        }
    }

    @Test func beginFailsByItself() async throws {
        try await withTable { connection in
            let error = await failure(PostgresTransactionError.self) {
                try await connection.withTransaction(deadline: .now) { _ in }
            }
            #expect(error?.stage == .begin)
            #expect(error?.postgresError?.code == .deadlineExceeded)
            #expect(error?.isSafeToRetry == true)
        }
    }

    @Test func aConnectionLostAtCommitIsUnknown() async throws {
        try await withTable { connection in
            // The trigger runs in COMMIT and ends its own server process there.
            try await connection.executeScript(
                """
                CREATE FUNCTION pg_temp.die() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
                CREATE CONSTRAINT TRIGGER die AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION pg_temp.die()
                """)
            let error = await failure(PostgresTransactionError.self) {
                try await connection.withTransaction { connection in
                    _ = try await connection.query("INSERT INTO t VALUES (1)")
                }
            }
            #expect(error?.stage == .commit)
            #expect(error?.isOutcomeUnknown == true)
            #expect(error?.isSafeToRetry == false)
        }
    }

    @Test func aLeftOpenTransactionIsNotPassedOn() async throws {
        try await withPool(size: 1) { pool in
            let pid = try await pool.withConnection { connection in
                try await connection.executeScript("BEGIN")
                return connection.backendPID
            }
            let rows = try await pool.query("SELECT pg_backend_pid()")
            #expect(try rows[0].decode(Int32.self, at: 0) != pid)
        }
    }

    @Test func deadlineInABodyRollsBack() async throws {
        try await withTable { connection in
            let error = await failure(PostgresTransactionError.self) {
                try await connection.withTransaction { connection in
                    _ = try await connection.query("INSERT INTO t VALUES (1)")
                    _ = try await connection.query("SELECT pg_sleep(30)", deadline: seconds(0.05))
                }
            }
            #expect(error?.postgresError?.code == .deadlineExceeded)
            #expect(error?.rollbackError == nil)
            let rows = try await count(connection)
            #expect(rows == 0)
        }
    }
}
