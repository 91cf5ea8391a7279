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
                    "SELECT count(*) FROM teller.holds", "SELECT id FROM teller.ledger",
                    "SELECT count(*) FROM teller.account_requests",
                    """
                    UPDATE teller.accounts SET balance = 0, held = 0, version = 1,
                        changed_at = clock_timestamp(), closed_at = NULL
                    """,
                    "UPDATE teller.holds SET state = 'pending', resolved_by = NULL",
                    """
                    INSERT INTO teller.account_requests (id, kind, account_id)
                    VALUES ('0000de30-0000-7000-8000-00000000ffff', 'close', 17)
                    """,
                    """
                    INSERT INTO teller.accounts (id, bank, currency, name)
                    VALUES (nextval('teller.account_numbers'), 'DEMO', 'USD', 'x')
                    """,
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
            "UPDATE teller.accounts SET id = 99 WHERE id = 17",
            "UPDATE teller.accounts SET name = 'x'", "UPDATE teller.accounts SET bank = 'ELSE'",
            "UPDATE teller.accounts SET overdraft_limit = 1",
            "UPDATE teller.accounts SET currency = 'EUR'",
            "UPDATE teller.accounts SET kind = 'cash'",
            "UPDATE teller.accounts SET opened_at = clock_timestamp()",
            "UPDATE teller.holds SET amount = 2", "UPDATE teller.holds SET expires_at = 'infinity'",
            "DELETE FROM teller.holds", "TRUNCATE teller.holds",
            "UPDATE teller.account_requests SET refusal = 'x'",
            "DELETE FROM teller.account_requests", "TRUNCATE teller.account_requests",
            "UPDATE teller.ledger SET id = gen_random_uuid()", "DELETE FROM teller.ledger",
            "INSERT INTO teller.ledger DEFAULT VALUES",
            "SELECT setval('teller.account_numbers', 5000)",
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
