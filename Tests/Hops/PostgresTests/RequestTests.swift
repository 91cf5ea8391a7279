import Testing

@testable import Postgres

@Suite struct RequestTests {
    /// What may be committing is never cancelled; all else is, when its time is over.
    @Test func whatMayCommit() {
        let write: PostgresQuery = """
            WITH due AS (SELECT 1 FOR NO KEY UPDATE)
            UPDATE t SET a = 1
            """
        let cases: [(Request, outside: Bool, inside: Bool)] = [
            (.prepared("SELECT 1"), false, false), (.prepared("SHOW server_version"), false, false),
            (.prepared("WITH RECURSIVE a AS (SELECT 1) SELECT * FROM a"), false, false),
            (.prepared(write), true, false), (.prepared("INSERT INTO t VALUES (1)"), true, false),
            (.prepared("COMMIT"), true, true), (.rollback, false, false),
            (.pipeline(["SELECT 1", "SELECT 2"]), false, false),
            (.pipeline(["SELECT 1", write]), true, false), (.script("SELECT 1"), true, false),
            (.opening(.readCommitted, [write]), false, false), (.committing([]), true, true),
        ]
        for (request, outside, inside) in cases {
            #expect(request.mayCommit(inTransaction: false) == outside, "\(request)")
            #expect(request.mayCommit(inTransaction: true) == inside, "\(request)")
        }
    }
}
