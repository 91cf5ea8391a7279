import BalanceAPI
import Chain
import Foundation
import GRPCCore
import Ledger
import Postgres
import SwiftProtobuf
import Synchronization
import TestSupport
import Testing

@testable import BalanceService

extension ServiceTests {
    /// What changes between a posting's two round trips.
    @Suite(.timeLimit(.minutes(3)))
    struct ChangedRowTests {
        /// Account 100 as it is, and as a hold of one on it would leave it.
        private func change(of connection: PostgresConnection) async throws -> (
            before: LockedAccount, after: LockedAccount
        ) {
            let group = PostingGroup(
                transfers: [try .hold(1, from: 100, to: 101)], deadline: .after(.seconds(30)),
                session: nil)
            let batch = PostingBatch(groups: [group])
            let opened = try await connection.pipeline(
                PostingStatements.opening(PostingSubjects(of: batch)))
            let changes = try PostingDecision(batch, on: opened, bank: "DEMO").changes
            return (
                before: try #require(changes.accountsBefore.first),
                after: try #require(changes.accounts.first)
            )
        }

        /// A hold that is made after the records were read, and before the holds are.
        @Test func aHoldThatComesInBetweenIsNotTakenForUnknown() async throws {
            try await withPostingBank(customers: 2, limit: 1000) { url in
                let hold = try TransferRequest.hold(5, from: 100, to: 101)
                let post = TransferRequest(id: .random(), action: .post(hold: hold.id, amount: nil))
                let batch = PostingBatch(groups: [
                    PostingGroup(transfers: [post], deadline: .after(.seconds(30)), session: nil)
                ])
                let subjects = PostingSubjects(of: batch)
                try await withService(url) { service async throws in
                    try await withConnection(url) { connection in
                        var opened = [
                            try await connection.query(PostingStatements.lock(subjects)),
                            try await connection.query(PostingStatements.recorded(subjects)),
                        ]
                        #expect(try await service.submit(hold)[0].record != nil)
                        for statement in PostingStatements.reading(subjects).dropFirst() {
                            opened.append(try await connection.query(statement))
                        }
                        #expect(throws: SubjectNotLocked.self) {
                            _ = try PostingDecision(batch, on: opened, bank: "DEMO")
                        }
                    }
                    #expect(try await service.submit(post)[0].record != nil)
                }
            }
        }

        /// An account that is not as it was read is not passed over.
        @Test(arguments: ["version = version + 1", "held = held + 1"])
        func aChangedRowIsNotPassedOver(what: String) async throws {
            try await withPostingBank(customers: 2, limit: 5) { url in
                try await withConnection(url) { connection in
                    let (before, after) = try await change(of: connection)
                    let update = PostingStatements.update([after], from: [before])
                    try await TestPostgres.psql(
                        url, "UPDATE teller.accounts SET \(what) WHERE id = 100")
                    let error = await #expect(throws: PostgresError.self) {
                        _ = try await connection.query(update)
                    }
                    #expect(error?.sqlState == "22012")
                    let column = what.prefix { $0 != " " }
                    try await TestPostgres.psql(
                        url, "UPDATE teller.accounts SET \(column) = 0 WHERE id = 100")
                    _ = try await connection.query(update)
                    try await TestPostgres.psql(
                        url, "UPDATE teller.accounts SET held = 0 WHERE id = 100")
                }
            }
        }

        /// Nor one that changes while the update waits for it.
        @Test func aRowThatChangesDuringTheUpdateIsNotPassedOver() async throws {
            try await withPostingBank(customers: 2, limit: 5) { url in
                try await withConnection(url) { connection in
                    let (before, after) = try await change(of: connection)
                    try await withConnection(url) { other in
                        _ = try await other.query("BEGIN")
                        _ = try await other.query(
                            "UPDATE teller.accounts SET held = held + 1 WHERE id = 100")
                        let pid = Int64(connection.backendPID)
                        async let updated = connection.query(
                            PostingStatements.update([after], from: [before]))
                        try await eventually {
                            try await TestPostgres.psql(
                                url,
                                """
                                SELECT wait_event_type FROM pg_stat_activity WHERE pid = \(pid)
                                """) == "Lock"
                        }
                        _ = try await other.query("COMMIT")
                        do {
                            _ = try await updated
                            Issue.record("the row was passed over")
                        } catch { #expect((error as? PostgresError)?.sqlState == "22012") }
                    }
                    try await TestPostgres.psql(
                        url, "UPDATE teller.accounts SET held = 0 WHERE id = 100")
                }
            }
        }

        /// The database is made anew while the service runs.
        @Test func anotherLedgerIsSeen() async throws {
            try await withPostingBank(customers: 1) { url in
                try await withService(url) { service async throws in
                    #expect(try await service.submit(.deposit(1, to: 100))[0].record != nil)
                    try await TestPostgres.psql(
                        url,
                        "DROP SCHEMA teller, identity CASCADE; DROP TABLE public.teller_migrations")
                    try await migrate(url)
                    try await TestSession.tester.open(in: url)
                    try await TestPostgres.psql(url, LedgerSQL.bank(customers: 1))
                    let id = try await TestPostgres.psql(url, "SELECT id FROM teller.ledger")
                    let group = try Teller_Balance_V1_TransferGroup.with {
                        $0.ledger = Data(try #require(Identifier(id)).bytes)
                        $0.transfers = [.init(try .deposit(1, to: 100))]
                    }
                    try await eventually {
                        let outcomes = try? await service.submit(groups: [group])
                        return outcomes?[0].failure == .unspecified
                    }
                }
            }
        }
    }
}
