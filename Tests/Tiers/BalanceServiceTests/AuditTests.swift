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
    @Suite(.timeLimit(.minutes(2))) struct AuditTests {
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

        @Test func findsDamageOfEachKind() async throws {
            try await withLedger { url async throws in
                for (invariant, damage) in LedgerSQL.damages.flatMap({ name, all in
                    all.map { (name, $0) }
                }) {
                    let broken = try await audit(url, after: damage).filter { $0.broken > 0 }
                    let found = broken.first { $0.name == invariant }
                    #expect(found != nil, "\(invariant): \(damage)")
                    #expect(broken.allSatisfy { !$0.example.isEmpty }, "\(damage)")
                }
                let names = try await audit(url).map(\.name)
                #expect(Set(names) == Set(LedgerSQL.damages.map(\.key)))
                #expect(Set(names).count == names.count)
            }
        }

        @Test func isRunThroughTheService() async throws {
            try await withLedger { url async throws in
                try await withService(url) { service async throws in
                    let clean = try await service.ledger.runAudit(.init())
                    let expected = try await audit(url)
                    #expect(clean.invariants.map(\.name) == expected.map(\.name))
                    #expect(clean.invariants.map(\.counted) == expected.map { Int64($0.counted) })
                    #expect(clean.invariants.allSatisfy { $0.broken == 0 && $0.example.isEmpty })
                    let id = try await TestPostgres.psql(url, "SELECT id FROM teller.ledger")
                    #expect(UUID(uuidString: id).map { Data(uuidBytes($0)) } == clean.ledger)
                    try await TestPostgres.psql(
                        url, "UPDATE teller.accounts SET balance = balance + 1 WHERE id = 17")
                    let damaged = try await service.ledger.runAudit(.init())
                    let broken = damaged.invariants.filter { $0.broken > 0 }
                    #expect(broken.map(\.example).sorted() == ["account 17", "currency USD"])
                }
            }
        }

        /// One at a time, with the caller's deadline; the connections are there for others.
        @Test(.bankService) func doesNotStarveOthers() async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                try await whileTablesAreLocked("teller.entries", in: service.database) {
                    () async throws in
                    group.addTask {
                        await expectFailure(.deadlineExceeded) {
                            try await service.ledger.runAudit(.init(), metadata: .timeout("1S"))
                        }
                    }
                    try await waitForBlocked(1..., in: service.database)
                    await expectFailure(.resourceExhausted, because: .overloaded) {
                        try await service.ledger.runAudit(.init())
                    }
                    #expect(try await service.balances(18).count == 1)
                    try await group.waitForAll()
                }
            }
            let report = try await service.ledger.runAudit(.init())
            #expect(!report.invariants.isEmpty)
        }
    }
}

/// The sixteen bytes of a UUID.
func uuidBytes(_ uuid: UUID) -> [UInt8] { withUnsafeBytes(of: uuid.uuid) { Array($0) } }
