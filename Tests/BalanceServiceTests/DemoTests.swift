import Foundation
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

        /// The invariants that audit.sql finds broken by a statement, which is undone.
        private func broken(_ url: String, after damage: String = "SELECT") async throws -> [String]
        {
            try await runCommand([
                "psql", "-XAtq", "-F|", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", "BEGIN",
                "-c", damage, "-f", projectFolder("sql").appendingPathComponent("audit.sql").path,
            ]).split(separator: "\n").compactMap { line in
                let columns = line.split(separator: "|", omittingEmptySubsequences: false)
                return columns.count != 4 || columns[2] == "0" ? nil : String(columns[0])
            }
        }

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
                #expect(try await broken(url) == [])
                let counted = try await TestPostgres.psql(
                    url, "SELECT count(*) FROM teller.entries")
                #expect(Int(counted) ?? 0 > 20)
            }
        }

        private static let damages = [
            (
                "UPDATE teller.accounts SET balance = balance + 1 WHERE id = 17",
                "the balance of an account is the sum of its entries"
            ),
            (
                "UPDATE teller.accounts SET balance = balance + 1 WHERE id = 17",
                "the accounts of a currency sum to zero"
            ),
            (
                "UPDATE teller.accounts SET version = version + 1 WHERE id = 17",
                "the version of an account is the count of its entries"
            ),
            (
                "UPDATE teller.entries SET amount = amount + 1 WHERE account_id = 17 AND version = 1",
                "the entries of a transfer sum to zero"
            ),
            (
                "DELETE FROM teller.entries WHERE account_id = 17 AND version = 1",
                "a posted transfer has its debit and its credit and nothing more, a refused one has nothing"
            ),
            (
                "UPDATE teller.entries SET balance_after = balance_after + 1 WHERE account_id = 17",
                "each entry follows the one before: next version, balance carried on, time not earlier"
            ),
            (
                "UPDATE teller.accounts SET bank = 'ELSE' WHERE id = 17",
                "all accounts are of one bank"
            ),
        ]

        @Test func auditFindsDamage() async throws {
            try await withBank { url async throws in
                for (damage, invariant) in Self.damages {
                    let broken = try await broken(url, after: damage)
                    #expect(broken.contains(invariant), "\(damage)")
                }
                #expect(try await broken(url) == [])
            }
        }
    }
}
