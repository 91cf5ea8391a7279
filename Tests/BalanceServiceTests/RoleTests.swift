import TestSupport
import Testing

@testable import BalanceService

extension ServiceTests {
    /// What the role of the running service may do, and what it may not.
    @Suite(.timeLimit(.minutes(2)))
    struct RoleTests {
        private static let transfer = """
            INSERT INTO teller.transfers (id, debit_account, credit_account, amount, currency)
            VALUES ('0000de30-0000-7000-8000-00000000ffff', 17, 18, 1, 'USD')
            """
        private static let entry = """
            INSERT INTO teller.entries (account_id, version, amount, balance_after, transfer_id)
            VALUES (17, 99, 1, 1, '0000de30-0000-7000-8000-00000000ffff')
            """

        /// As teller_app, and undone.
        private func run(_ statement: String, in url: String) async throws {
            try await TestPostgres.psql(
                url, "BEGIN; SET LOCAL ROLE teller_app; \(statement); ROLLBACK")
        }

        @Test func mayReadAndAdd() async throws {
            try await withBank { url async throws in
                for statement in [
                    "SELECT count(*) FROM teller.accounts", "SELECT count(*) FROM teller.entries",
                    "SELECT count(*) FROM teller.transfers", "\(Self.transfer); \(Self.entry)",
                ] {
                    try await run(statement, in: url)
                }
            }
        }

        private static let forbidden = [
            "UPDATE teller.entries SET amount = 2", "DELETE FROM teller.entries",
            "TRUNCATE teller.entries", "UPDATE teller.transfers SET amount = 2",
            "DELETE FROM teller.transfers", "TRUNCATE teller.transfers CASCADE",
            "DELETE FROM teller.accounts", "TRUNCATE teller.accounts CASCADE",
            "INSERT INTO teller.accounts (id, bank, currency, name) VALUES (99, 'DEMO', 'USD', 'x')",
            "CREATE TABLE teller.mine (i int)", "CREATE SCHEMA mine",
            "SELECT * FROM public.teller_migrations",
            "ALTER TABLE teller.entries DISABLE TRIGGER ALL",
        ]

        @Test func mayDoNoMore() async throws {
            try await withBank { url async throws in
                for statement in Self.forbidden {
                    let error = await #expect(throws: CommandError.self, "\(statement)") {
                        try await run(statement, in: url)
                    }
                    let output = error?.output ?? ""
                    #expect(
                        output.contains("permission denied") || output.contains("must be owner"))
                }
            }
        }
    }
}
