import InMemoryLogging
import Logging
import Testing

@testable import Postgres

@Suite(.timeLimit(.minutes(1)))
struct StatementTests {
    @Test func serverErrorsHaveAllDiagnostics() async throws {
        try await withConnection { connection in
            try await connection.executeScript(
                "CREATE TEMP TABLE t (id int8 CONSTRAINT positive CHECK (id > 0))")
            let error = await failure(PostgresError.self) {
                _ = try await connection.query("INSERT INTO t VALUES (\(Int64(-77)))")
            }
            #expect(error?.code == .server)
            #expect(error?.sqlState == "23514")
            let said = try #require(error?.diagnostics)
            for part in ["; constraint: positive", "; table: t; "] {
                #expect(said.description.contains(part))
            }
            #expect(said.severity == "ERROR")
            #expect(said.sourceFunction != nil)
            #expect(error?.description.contains("77") == false)
            // The row that was refused is nothing for a log.
            #expect(error?.debugDescription.contains("77") == false)
            #expect(error?.isSafeToRetry == false)
            let syntax = await failure(PostgresError.self) {
                _ = try await connection.query("SELEC 1")
            }
            #expect(syntax?.sqlState == "42601")
            #expect(syntax?.diagnostics?.description.contains("; position: 1; ") == true)
            #expect(try await connection.query("SELECT 1").count == 1)
        }
    }

    @Test func noticesAreLogged() async throws {
        let log = InMemoryLogHandler()
        let logger = Logger(label: "tests") { _ in log }
        try await PostgresConnection.withConnection(try await configuration(), logger: logger) {
            try await $0.executeScript(
                "DO $$ BEGIN RAISE WARNING 'careful' USING HINT = 'look'; END $$")
        }
        #expect(log.entries.map(\.level) == [.warning])
        let text = log.entries.map { "\($0.message)" }.joined()
        #expect(text.hasPrefix("PostgreSQL notice: WARNING 01000: careful; hint: look"))
    }

    @Test func statementsArePreparedOnceAndEvicted() async throws {
        try await withConnection {
            $0.preparedStatementLimit = 2
        } _: { connection in
            func prepared() async throws -> [String] {
                // Not prepared, which would show in its own answer.
                let rows = try await connection.call { session throws(PostgresError) in
                    try session.exchange(
                        .script(
                            "SELECT statement FROM pg_prepared_statements ORDER BY prepare_time"),
                        deadline: nil)[0]
                }
                return try rows.map { try $0.decode(String.self, at: 0) }
            }
            for number in 0..<3 { _ = try await connection.query("SELECT \(number) AS a") }
            #expect(try await prepared() == ["SELECT $1 AS a"])
            _ = try await connection.query("SELECT \(1) AS b")
            _ = try await connection.query("SELECT \(1) AS a")
            _ = try await connection.query("SELECT \(1) AS c")
            _ = try await connection.query("SELECT \(1) AS a")
            #expect(try await prepared() == ["SELECT $1 AS a", "SELECT $1 AS c"])
        }
    }

    @Test func theSameTextWithOtherTypes() async throws {
        try await withConnection { connection in
            func type<Value: PostgresEncodable>(_ value: Value) -> PostgresQuery {
                "SELECT pg_typeof(\(value))::text"
            }
            for _ in 0..<2 {
                let number = try await connection.query(type(Int64(1)))
                #expect(try number[0].decode(String.self, at: 0) == "bigint")
                let text = try await connection.query(type("a"))
                #expect(try text[0].decode(String.self, at: 0) == "text")
            }
            let both = try await connection.pipeline([type(true), type("a"), type(true)])
            let types = try both.map { try $0[0].decode(String.self, at: 0) }
            #expect(types == ["boolean", "text", "boolean"])
        }
    }

    @Test func whatMayHaveBeenCommittedIsNotSafeToRetry() async throws {
        try await withConnection { connection in
            let fails: PostgresQuery = "DO $$ BEGIN RAISE SQLSTATE '40001'; END $$"
            let alone = await failure(PostgresError.self) { _ = try await connection.query(fails) }
            #expect(alone?.isSafeToRetry == true)
            let before = await failure(PostgresError.self) {
                _ = try await connection.pipeline(["SELECT 1", fails, "COMMIT"])
            }
            #expect(before?.isSafeToRetry == true)
            let after = await failure(PostgresError.self) {
                _ = try await connection.pipeline(["BEGIN", "SELECT 1", "COMMIT", fails])
            }
            #expect(after?.sqlState == "40001")
            #expect(after?.isSafeToRetry == false)
            let script = await failure(PostgresError.self) {
                try await connection.executeScript("COMMIT; " + fails.text)
            }
            #expect(script?.sqlState == "40001")
            #expect(script?.isSafeToRetry == false)
        }
    }

    @Test func aChangedTableIsPreparedAnew() async throws {
        try await withConnection { connection in
            try await connection.executeScript("CREATE TEMP TABLE t AS SELECT 1 AS a")
            func select() async throws -> Int {
                try await connection.query("SELECT * FROM t")[0].result.columnCount
            }
            #expect(try await select() == 1)
            try await connection.executeScript("ALTER TABLE t ADD COLUMN b int")
            let error = await failure(PostgresError.self) { _ = try await select() }
            #expect(error?.sqlState == "0A000")
            #expect(try await select() == 2)
            try await connection.executeScript("DEALLOCATE ALL")
            #expect(
                await failure(PostgresError.self) { _ = try await select() }?.sqlState == "26000")
            #expect(try await select() == 2)
        }
    }

    @Test func pipelinesAnswerInOrder() async throws {
        try await withConnection { connection in
            for _ in 0..<2 {
                let results = try await connection.pipeline(
                    (0..<300).map { "SELECT \($0), repeat('x', 1000)" })
                #expect(try results.map { try $0[0].decode(Int.self, at: 0) } == Array(0..<300))
            }
        }
    }

    @Test func pipelinesLargerThanTheSocketsBuffers() async throws {
        try await withConnection { connection in
            let text = String(repeating: "x", count: 3_000_000)
            let results = try await connection.pipeline((0..<8).map { _ in "SELECT \(text)" })
            #expect(try results.allSatisfy { try $0[0].decode(String.self, at: 0) == text })
        }
    }

    @Test func aFailureInAPipelineNamesItsQuery() async throws {
        try await withConnection { connection in
            try await connection.executeScript("CREATE TEMP TABLE t (id int8)")
            let error = await failure(PostgresError.self) {
                _ = try await connection.pipeline([
                    "INSERT INTO t VALUES (1)", "SELECT 1 / \(Int64(0))",
                    "INSERT INTO t VALUES (2)",
                ])
            }
            #expect(error?.pipelineIndex == 1)
            #expect(error?.sqlState == "22012")
            let rows = try await connection.query("SELECT count(*) FROM t")
            #expect(try rows[0].decode(Int64.self, at: 0) == 0)
            let results = try await connection.pipeline([
                "INSERT INTO t VALUES (3)", "SELECT id FROM t",
            ])
            #expect(results[0].commandTag == "INSERT 0 1")
            #expect(try results[1][0].decode(Int64.self, at: 0) == 3)
        }
    }

    @Test func copyIsRefused() async throws {
        try await withConnection { connection in
            let error = await failure(PostgresError.self) {
                try await connection.executeScript("COPY (SELECT 1) TO STDOUT")
            }
            #expect(error?.code == .unsupported)
            let next = await failure(PostgresError.self) {
                _ = try await connection.query("SELECT 1")
            }
            #expect(next != nil)
        }
    }
}
