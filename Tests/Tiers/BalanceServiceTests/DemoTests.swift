import Postgres
import TestSupport
import Testing

@testable import BalanceService

extension ServiceTests {
    @Suite(.timeLimit(.minutes(2)))
    struct DemoTests {
        private static let everything = """
            SELECT md5(string_agg(t, ',' ORDER BY t)) FROM (
                SELECT a::text FROM teller.accounts a UNION ALL SELECT t::text FROM teller.transfers t
                UNION ALL SELECT e::text FROM teller.entries e) AS all_rows(t)
            """

        @Test func repeatingItChangesNothing() async throws {
            try await withBank { url async throws in
                let before = try await TestPostgres.psql(url, Self.everything)
                try await loadDemo(url)
                #expect(try await TestPostgres.psql(url, Self.everything) == before)
                #expect(!before.isEmpty)
            }
        }

        @Test func auditFindsNothing() async throws {
            try await withBank { url async throws in
                let report = try await withConnection(url) { connection in
                    try await connection.query(
                        PostgresQuery(trustedText: Auditor.sql), deadline: .now + .seconds(30)
                    ).map { try $0.decode((String, Int64, Int64).self) }
                }
                #expect(report.allSatisfy { $0.2 == 0 })
                let entries = report.first { $0.0 == "each entry follows the one before" }?.1
                #expect(entries ?? 0 > 20)
            }
        }
    }
}
