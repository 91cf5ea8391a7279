import BalanceAPI
import Foundation
import GRPCCore
import Postgres
import SwiftProtobuf
import TestSupport
import Testing

@testable import BalanceService

extension ServiceTests {
    /// sql/audit.sql, and the call that runs it.
    @Suite(.timeLimit(.minutes(2)))
    struct AuditTests {
        /// Requests for accounts 18, open, and 32, closed.
        private static let requests = """
            INSERT INTO teller.account_requests
                (id, kind, account_id, name, currency, overdraft_limit)
            SELECT '\(LedgerSQL.id(40))', 'open', id, name, currency, overdraft_limit
            FROM teller.accounts WHERE id = 18;
            INSERT INTO teller.account_requests (id, kind, account_id)
            VALUES ('\(LedgerSQL.id(41))', 'close', 32);
            """

        private func withLedger(_ body: (_ url: String) async throws -> Void) async throws {
            try await withBank { url async throws in
                try await TestPostgres.psql(url, LedgerSQL.something + Self.requests)
                try await body(url)
            }
        }

        /// Runs the audit after a statement, which is undone.
        private func audit(
            _ url: String, after damage: String = "SELECT"
        ) async throws -> [(name: String, counted: Int, broken: Int, example: String)] {
            try await runCommand([
                "psql", "-XAtq", "-F|", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", "BEGIN",
                "-c", damage, "-f",
                projectFolder.appendingPathComponent("sql").appendingPathComponent("audit.sql")
                    .path,
            ]).split(separator: "\n").compactMap { line in
                let columns = line.split(separator: "|", omittingEmptySubsequences: false)
                guard columns.count == 4, let counted = Int(columns[1]),
                    let broken = Int(columns[2])
                else { return nil }
                return (String(columns[0]), counted, broken, String(columns[3]))
            }
        }

        @Test func findsNothingInWhatIsRight() async throws {
            try await withLedger { url async throws in
                let invariants = try await audit(url)
                #expect(invariants.count > 20)
                #expect(
                    invariants.filter { $0.broken != 0 || !$0.example.isEmpty }.map(\.name) == [])
                // It looked at cases of each.
                #expect(invariants.filter { $0.counted == 0 }.map(\.name) == [])
            }
        }

        private static let damages = [
            (
                "each transfer is there once",
                """
                ALTER TABLE teller.transfers DROP CONSTRAINT transfers_pkey CASCADE;
                DROP INDEX teller.transfers_resolve_a_hold_once;
                INSERT INTO teller.transfers SELECT * FROM teller.transfers WHERE id = '\(LedgerSQL.id(15))'
                """
            ),
            (
                "the entries of a transfer sum to zero",
                "UPDATE teller.entries SET amount = amount + 1 WHERE account_id = 17 AND version = 1"
            ),
            (
                "a transfer has its debit and its credit, or none",
                "DELETE FROM teller.entries WHERE account_id = 17 AND version = 1"
            ),
            (
                "a transfer has its debit and its credit, or none",
                "UPDATE teller.transfers SET refusal = 'same_account' WHERE id = '\(LedgerSQL.id(1))'"
            ),
            (
                "a transfer has its debit and its credit, or none",
                """
                UPDATE teller.entries SET transfer_id = '\(LedgerSQL.id(99))'
                WHERE transfer_id = '\(LedgerSQL.id(1))'
                """
            ),
            (
                "a transfer is in the currency of its accounts",
                "UPDATE teller.transfers SET currency = 'EUR' WHERE id = '\(LedgerSQL.id(1))'"
            ),
            (
                "deposits and withdrawals go through cash",
                "UPDATE teller.transfers SET kind = 'withdrawal' WHERE id = '\(LedgerSQL.id(2))'"
            ),
            (
                "only deposits, withdrawals and reversals touch cash",
                "UPDATE teller.transfers SET kind = 'transfer' WHERE id = '\(LedgerSQL.id(2))'"
            ),
            (
                "only deposits, withdrawals and reversals touch cash",
                LedgerSQL.transfer(98, from: 1, to: 17, 5)
            ),
            (
                "no pending hold is for a closed account",
                LedgerSQL.hold(98, from: 17, to: 32, 5)
            ),
            (
                "a balance is the sum of the account's entries",
                "UPDATE teller.accounts SET balance = balance + 1 WHERE id = 17"
            ),
            (
                "a version is the count of the account's entries",
                "UPDATE teller.accounts SET version = version + 1 WHERE id = 17"
            ),
            (
                "held is the sum of the account's pending holds",
                "UPDATE teller.accounts SET held = held + 1 WHERE id = 17"
            ),
            (
                "held is the sum of the account's pending holds",
                "UPDATE teller.holds SET state = 'expired' WHERE id = '\(LedgerSQL.id(10))'"
            ),
            (
                "no account is below its limit",
                """
                ALTER TABLE teller.accounts DROP CONSTRAINT accounts_balance_is_within_limit;
                UPDATE teller.accounts SET held = balance + 1 WHERE id = 17
                """
            ),
            (
                "no entry is later than its account's last change",
                "UPDATE teller.accounts SET changed_at = opened_at WHERE id = 17"
            ),
            (
                "a closed account is at zero for good",
                "UPDATE teller.accounts SET closed_at = '2024-06-29' WHERE id = 32"
            ),
            (
                "each entry follows the one before",
                "UPDATE teller.entries SET balance_after = balance_after + 1 WHERE account_id = 17"
            ),
            (
                "each entry follows the one before",
                "UPDATE teller.entries SET posted_at = 'infinity' WHERE account_id = 17 AND version = 1"
            ),
            (
                "a hold is as its transfer made it",
                "UPDATE teller.holds SET expires_at = 'infinity' WHERE id = '\(LedgerSQL.id(10))'"
            ),
            (
                "a hold is as its transfer made it",
                "DELETE FROM teller.holds WHERE id = '\(LedgerSQL.id(10))'"
            ),
            (
                "a hold was posted, voided or expired, once",
                """
                UPDATE teller.holds SET state = 'voided', resolved_by = '\(LedgerSQL.id(13))'
                WHERE id = '\(LedgerSQL.id(12))'
                """
            ),
            (
                "a hold was posted, voided or expired, once",
                """
                UPDATE teller.holds SET state = 'pending', resolved_by = NULL
                WHERE id = '\(LedgerSQL.id(14))'
                """
            ),
            (
                "a hold was posted, voided or expired, once",
                """
                DROP INDEX teller.transfers_resolve_a_hold_once;
                \(LedgerSQL.void(98, hold: 12))
                """
            ),
            (
                "a hold was posted or voided before it was due, or expired then",
                """
                UPDATE teller.holds SET expires_at = clock_timestamp() + interval '1 minute'
                WHERE id = '\(LedgerSQL.id(16))'
                """
            ),
            (
                "a hold was posted or voided before it was due, or expired then",
                """
                UPDATE teller.holds SET expires_at = ending.created_at
                FROM teller.transfers AS ending
                WHERE holds.id = '\(LedgerSQL.id(12))' AND ending.hold = holds.id
                """
            ),
            (
                "a hold was posted or voided before it was due, or expired then",
                """
                UPDATE teller.transfers SET created_at = created_at + interval '1 hour'
                WHERE id = '\(LedgerSQL.id(15))'
                """
            ),
            (
                "a hold was posted within its bounds",
                "UPDATE teller.holds SET amount = 59 WHERE id = '\(LedgerSQL.id(12))'"
            ),
            (
                "a reversal mirrors one transfer, once",
                "UPDATE teller.transfers SET amount = 299 WHERE id = '\(LedgerSQL.id(20))'"
            ),
            (
                "a reversal mirrors one transfer, once",
                """
                DROP INDEX teller.transfers_reversed_once;
                \(LedgerSQL.transfer(98, from: 18, to: 17, 300, kind: "reversal", reverses: 1))
                """
            ),
            (
                "an account was opened once, as asked",
                "UPDATE teller.accounts SET name = 'Someone' WHERE id = 18"
            ),
            (
                "an account was opened once, as asked",
                """
                INSERT INTO teller.account_requests
                    (id, kind, account_id, name, currency, overdraft_limit)
                SELECT '\(LedgerSQL.id(98))', kind, account_id, name, currency, overdraft_limit
                FROM teller.account_requests WHERE kind = 'open'
                """
            ),
            (
                "an account was closed once, as asked",
                "UPDATE teller.accounts SET closed_at = NULL WHERE id = 32"
            ),
            (
                "the accounts of a currency sum to zero",
                "UPDATE teller.accounts SET balance = balance + 1 WHERE id = 17"
            ),
            (
                "all accounts are of one bank",
                "UPDATE teller.accounts SET bank = 'ELSE' WHERE id = 17"
            ),
            ("the ledger has one id", "DELETE FROM teller.ledger"),
        ]

        @Test func findsDamageOfEachKind() async throws {
            try await withLedger { url async throws in
                for (invariant, damage) in Self.damages {
                    let broken = try await audit(url, after: damage).filter { $0.broken > 0 }
                    let found = broken.first { $0.name == invariant }
                    #expect(found != nil, "\(invariant): \(damage)")
                    #expect(broken.allSatisfy { !$0.example.isEmpty }, "\(damage)")
                }
                let names = try await audit(url).map(\.name)
                #expect(Set(names) == Set(Self.damages.map(\.0)))
                #expect(Set(names).count == names.count)
            }
        }

        @Test func isRunThroughTheService() async throws {
            try await withLedger { url async throws in
                try await withService(url) { service async throws in
                    let clean = try await service.ledger.runAudit(
                        .init(), options: RunningService.options)
                    let expected = try await audit(url)
                    #expect(clean.invariants.map(\.name) == expected.map(\.name))
                    #expect(clean.invariants.map(\.counted) == expected.map { Int64($0.counted) })
                    #expect(clean.invariants.allSatisfy { $0.broken == 0 && $0.example.isEmpty })
                    let id = try await TestPostgres.psql(url, "SELECT id FROM teller.ledger")
                    #expect(UUID(uuidString: id).map { Data(uuidBytes($0)) } == clean.ledger)
                    try await TestPostgres.psql(
                        url, "UPDATE teller.accounts SET balance = balance + 1 WHERE id = 17")
                    let damaged = try await service.ledger.runAudit(
                        .init(), options: RunningService.options)
                    let broken = damaged.invariants.filter { $0.broken > 0 }
                    #expect(broken.map(\.example).sorted() == ["account 17", "currency USD"])
                }
            }
        }

        /// One at a time, with the caller's deadline; the connections are there for others.
        @Test func doesNotStarveOthers() async throws {
            try await withBankService { service async throws in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    try await whileEntriesAreLocked(service.database) { () async throws in
                        group.addTask {
                            let error = await #expect(throws: RPCError.self) {
                                _ = try await service.ledger.runAudit(
                                    .init(), metadata: .timeout("1S"),
                                    options: RunningService.options)
                            }
                            #expect(error?.code == .deadlineExceeded)
                        }
                        #expect(try await waitForBlocked(1..., in: service.database))
                        let error = await #expect(throws: RPCError.self) {
                            _ = try await service.ledger.runAudit(
                                .init(), options: RunningService.options)
                        }
                        #expect(error?.code == .resourceExhausted)
                        #expect(error.flatMap { BalanceErrorReason(of: $0) } == .overloaded)
                        #expect(try await service.balances(18).count == 1)
                        try await group.waitForAll()
                    }
                }
                let report = try await service.ledger.runAudit(
                    .init(), options: RunningService.options)
                #expect(!report.invariants.isEmpty)
            }
        }

        private func whileEntriesAreLocked<Result>(
            _ url: String, _ body: nonisolated(nonsending) () async throws -> sending Result
        ) async throws -> sending Result {
            try await withConnection(url) { connection in
                try await connection.withTransaction(deadline: .now + .seconds(60)) { connection in
                    try await connection.executeScript(
                        "LOCK TABLE teller.entries IN ACCESS EXCLUSIVE MODE")
                    return try await body()
                }
            }
        }
    }
}

/// The sixteen bytes of a UUID.
func uuidBytes(_ uuid: UUID) -> [UInt8] {
    withUnsafeBytes(of: uuid.uuid) { Array($0) }
}
