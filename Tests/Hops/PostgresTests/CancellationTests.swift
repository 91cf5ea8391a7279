import TestSupport
import Testing

@testable import Postgres

@Suite(.timeLimit(.minutes(1)))
struct CancellationTests {
    /// Passes while a statement runs, also where a busy machine takes its time to send that.
    private var ample: ContinuousClock.Instant { seconds(1.5) }

    @Test func aDeadlineEndsTheStatementAndKeepsTheConnection() async throws {
        try await withConnection { connection in
            let clock = ContinuousClock()
            for _ in 0..<4 {
                var error: PostgresError?
                let took = await clock.measure {
                    error = await failure {
                        _ = try await connection.query(
                            "SELECT pg_sleep(30)", deadline: ample)
                    }
                }
                #expect(error?.code == .deadlineExceeded)
                #expect(error?.sqlState == "57014")
                #expect(took < .seconds(20))
                // A late cancel request would end this one.
                let rows = try await connection.query("SELECT pg_sleep(0.002), pg_backend_pid()")
                #expect(try rows[0].decode(Int32.self, at: 1) == connection.backendPID)
            }
        }
    }

    /// The socket is ready all the time.
    @Test func aDeadlineEndsAnAnswerWithoutEnd() async throws {
        try await withConnection { connection in
            let error = await failure(PostgresError.self) {
                _ = try await connection.query(
                    "SELECT repeat('x', 1000) FROM generate_series(1, 1000000)",
                    deadline: .now + .milliseconds(50))
            }
            #expect(error?.code == .deadlineExceeded)
        }
    }

    @Test func aDeadlineThatHasPassedSendsNothing() async throws {
        try await withConnection { connection in
            let error = await failure(PostgresError.self) {
                try await connection.executeScript("CREATE TEMP TABLE t ()", deadline: .now)
            }
            #expect(error?.code == .deadlineExceeded)
            #expect(error?.isSafeToRetry == true)
            let rows = try await connection.query("SELECT to_regclass('pg_temp.t') IS NULL")
            #expect(try rows[0].decode(Bool.self, at: 0))
        }
    }

    @Test func cancellingTheTaskEndsTheStatement() async throws {
        try await withConnection { connection in
            let error = try await withThrowingTaskGroup(of: PostgresError?.self) { group in
                group.addTask {
                    await failure { _ = try await connection.query("SELECT pg_sleep(30)") }
                }
                let url = try await TestPostgres.url
                let sleeps = try await eventually {
                    try await TestPostgres.psql(
                        url,
                        """
                        SELECT count(*) FROM pg_stat_activity
                        WHERE pid = \(connection.backendPID) AND wait_event = 'PgSleep'
                        """) == "1"
                }
                #expect(sleeps)
                group.cancelAll()
                return try await group.next() ?? nil
            }
            #expect(error?.code == .cancelled)
            #expect(try await connection.query("SELECT 1").count == 1)
        }
    }

    @Test func aDeadlineInAPipeline() async throws {
        try await withConnection { connection in
            let error = await failure(PostgresError.self) {
                _ = try await connection.pipeline(
                    ["SELECT 1", "SELECT pg_sleep(30)", "SELECT 2"], deadline: ample)
            }
            #expect(error?.code == .deadlineExceeded)
            #expect(error?.pipelineIndex == 1)
            let rows = try await connection.query("SELECT 1")
            #expect(rows.count == 1)
        }
    }

    @Test func aStatementThatCannotBeCancelledCostsItsConnection() async throws {
        var configuration = try await configuration()
        // Too short for a cancel request, which takes a connection of its own, to be answered.
        configuration.cancelTimeout = .microseconds(1)
        try await withPool(configuration, size: 1) { pool in
            let pid = try await pool.query("SELECT pg_backend_pid()")[0].decode(Int32.self, at: 0)
            let error = await failure(PostgresError.self) {
                // Catches its own cancellation and goes on.
                try await pool.withConnection { connection in
                    try await connection.executeScript(
                        """
                        DO $$ BEGIN FOR i IN 1..300 LOOP
                            BEGIN PERFORM pg_sleep(1); EXCEPTION WHEN query_canceled THEN NULL; END;
                        END LOOP; END $$
                        """, deadline: ample)
                }
            }
            #expect(error?.code == .deadlineExceeded)
            #expect(error?.isSafeToRetry == false)
            let next = try await pool.query("SELECT pg_backend_pid()")[0].decode(Int32.self, at: 0)
            #expect(next != pid)
        }
    }

    @Test func oneCallAtATime() async throws {
        try await withConnection { connection in
            try await withThrowingTaskGroup(of: PostgresError?.self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        await failure { _ = try await connection.query("SELECT pg_sleep(0.2)") }
                    }
                }
                let codes = try await [group.next(), group.next()].map { $0??.code }
                #expect(codes.contains(.connectionBusy))
                #expect(codes.contains(nil))
            }
        }
    }
}
