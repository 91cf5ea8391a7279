import TestSupport
import Testing

@testable import BalanceService

extension ServiceTests {
    @Suite(.timeLimit(.minutes(1))) struct HoldExpiryTests {
        /// All of one account, as a client that runs wild may leave them.
        @Test func manyDueHoldsAreFreedInBoundedTransactions() async throws {
            let count = HoldExpiry.batch * 2 + 200
            try await withPostingBank(customers: 2, limit: 1_000_000) { url in
                try await addDueHolds(count, of: 100, in: url)
                try await withService(url) { _ async throws in
                    try await eventually {
                        try await TestPostgres.psql(
                            url, "SELECT held FROM teller.accounts WHERE id = 100") == "0"
                    }
                }
                let most = try await TestPostgres.psql(
                    url,
                    """
                    SELECT max(holds) FROM (
                        SELECT count(*) AS holds FROM teller.holds WHERE state = 'expired'
                        GROUP BY xmin::text
                    ) AS transactions
                    """)
                #expect(most == "\(HoldExpiry.batch)")
            }
        }

        /// More than are freed at once are due of the locked account, and they were due first.
        @Test func aLockedAccountKeepsNoOtherHeld() async throws {
            try await withPostingBank(customers: 2, limit: 1_000_000) { url in
                try await addDueHolds(HoldExpiry.batch + 1, of: 100, in: url)
                try await addDueHolds(1, of: 101, in: url)
                @Sendable func held(_ account: Int64) async throws -> String {
                    try await TestPostgres.psql(
                        url, "SELECT held FROM teller.accounts WHERE id = \(account)")
                }
                try await whileLocked([100], in: url) {
                    try await withService(url) { _ async throws in
                        try await eventually { try await held(101) == "0" }
                        #expect(try await held(100) == "\(HoldExpiry.batch + 1)")
                    }
                }
            }
        }

        private func addDueHolds(_ count: Int, of account: Int64, in url: String) async throws {
            try await TestPostgres.psql(
                url,
                """
                WITH made AS (
                    INSERT INTO teller.transfers (id, kind, debit_account, credit_account, amount,
                        currency, hold_seconds, created_at)
                    SELECT gen_random_uuid(), 'hold', \(account), 201 - \(account), 1, 'USD', 5,
                        now() - interval '1 hour'
                    FROM generate_series(1, \(count))
                    RETURNING *
                )
                INSERT INTO teller.holds
                    (id, debit_account, credit_account, amount, currency, expires_at)
                SELECT id, debit_account, credit_account, amount, currency,
                    created_at + hold_seconds * interval '1 second'
                FROM made;
                UPDATE teller.accounts SET held = \(count) WHERE id = \(account)
                """)
        }
    }
}
