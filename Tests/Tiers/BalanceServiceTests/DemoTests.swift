import Chain
import Ledger
import Postgres
import TestSupport
import Testing

@testable import BalanceService

extension ServiceTests {
    @Suite(.timeLimit(.minutes(2))) struct DemoTests {
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

        @Test func accountsHaveOwners() async throws {
            try await withBank { url async throws in
                try await withConnection(url) { connection in
                    let rows = try await connection.query(AccountStore.query(withIDs: [1, 17, 52]))
                        .map(AccountRow.init)
                    let owners = Dictionary(uniqueKeysWithValues: rows.map { ($0.id, $0.owner) })
                    #expect(owners == [1: nil, 17: UserName("alice"), 52: UserName("emi")])
                    let subjects = try PostingSubjects(
                        of: PostingBatch(groups: [
                            PostingGroup(
                                transfers: [
                                    TransferRequest(
                                        id: .random(),
                                        action: .withdrawal(
                                            debit: number(17),
                                            amount: Money(minorUnits: 1, currency: .usd)))
                                ], deadline: .after(.zero), session: nil)
                        ]))
                    let locked = try await connection.query(PostingStatements.lock(subjects))
                        .map { try LockedAccount($0) }
                    #expect(locked.map(\.owner) == [nil, UserName("alice")])
                }
            }
        }

        /// Who posts at the same time has its entries before those of the demo, or behind them.
        @Test func waitsForWhoPosts() async throws {
            try await TestPostgres.withFreshDatabase("demo") { url async throws in
                try await migrate(url)
                try await TestPostgres.psql(
                    url,
                    """
                    INSERT INTO teller.accounts
                        (id, bank, kind, name, currency, overdraft_limit, opened_at, changed_at)
                    VALUES (1, 'DEMO', 'cash', 'Cash', 'USD', NULL, '2023-01-02', '2023-01-02'),
                        (17, 'DEMO', 'customer', 'Alice', 'USD', 0, '2023-01-02', '2023-01-02')
                    """)
                try await withConnection(url) { other in
                    try await other.executeScript(
                        "BEGIN; SELECT id FROM teller.accounts ORDER BY id FOR NO KEY UPDATE")
                    async let loaded: Void = loadDemo(url)
                    try await eventually {
                        try await TestPostgres.psql(
                            url,
                            """
                            SELECT count(*) FROM pg_stat_activity
                            WHERE datname = current_database() AND wait_event_type = 'Lock'
                            """) == "1"
                    }
                    try await other.executeScript(
                        """
                        INSERT INTO teller.transfers
                            (id, kind, debit_account, credit_account, amount, currency, created_at)
                        SELECT 'ffff0000-0000-7000-8000-000000000001', 'deposit', 1, 17, 5, 'USD',
                            '2023-01-03';
                        INSERT INTO teller.entries
                            (account_id, version, amount, balance_after, posted_at, transfer_id)
                        SELECT id, 1, amount, amount, '2023-01-03',
                            'ffff0000-0000-7000-8000-000000000001'
                        FROM (VALUES (1, -5), (17, 5)) AS entry (id, amount);
                        UPDATE teller.accounts SET version = 1, changed_at = '2023-01-03',
                            balance = CASE id WHEN 1 THEN -5 ELSE 5 END
                        WHERE id IN (1, 17);
                        COMMIT
                        """)
                    try await loaded
                }
                #expect(try await brokenInvariants(url) == [])
                #expect(
                    try await TestPostgres.psql(
                        url, "SELECT balance FROM teller.accounts WHERE id = 17") == "123461")
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
