import BalanceAPI
import Chain
import Foundation
import GRPCCore
import Ledger
import Postgres
import SwiftProtobuf
import TestSupport
import Testing

@testable import BalanceService

extension ServiceTests {
    /// What the ledger tells of balances and transfers beyond those of now.
    @Suite(.timeLimit(.minutes(2))) struct LedgerReadTests {
        typealias Query = RunningService.Query

        private func ask(
            _ service: RunningService, _ number: Int64 = 17, at: Int64? = nil, version: Int64 = 0
        ) async throws -> RunningService.Outcome {
            try await service.ask([
                try .with {
                    $0.account = try account(number)
                    $0.atLeastVersion = version
                    if let at { $0.atMicroseconds = at }
                }
            ]).outcomes[0]
        }

        /// Holds that are due are free before anything says so in the database.
        @Test(.bankService) func heldIsByTheDatabasesClock() async throws {
            try await TestPostgres.psql(
                service.database,
                LedgerSQL.hold(1, from: 17, to: 18, 500) + LedgerSQL.hold(2, from: 17, to: 18, 7)
                    + LedgerSQL.hold(3, from: 17, to: 18, 70, seconds: 3))
            try await withConnection(service.database) { connection async throws in
                try await connection.withTransaction(deadline: .now + .seconds(60)) { connection in
                    // Nobody can write that the hold has expired.
                    try await connection.executeScript(
                        "SELECT FROM teller.accounts WHERE id = 17 FOR UPDATE")
                    #expect(try await ask(service).account.held == 577)
                    try await eventually { try await ask(service).account.held == 507 }
                    let pending = try await TestPostgres.psql(
                        service.database,
                        "SELECT count(*) FROM teller.holds WHERE state = 'pending'")
                    #expect(pending == "3")
                }
            }
            #expect(try await ask(service).account.balance == 123_456)
            let listed = try await service.balances.listAccounts(.init()).accounts
            #expect(listed.filter { $0.held != 0 }.map(\.held) == [507])
        }

        @Test(.bankService) func isNeverOlderThanAVersion() async throws {
            #expect(try await ask(service, version: 4).account.version == 4)
            let refusal = try await ask(service, version: 5).refusal
            #expect(refusal.code == .versionNotReached && refusal.message.contains("version 4"))
            _ = try await service.submit(.transfer(1, from: 17, to: 18))
            #expect(try await ask(service, version: 5).account.version == 5)
        }

        @Test(.bankService) func tellsABalanceAsItWas() async throws {
            let request = try Teller_Balance_V1_GetStatementRequest.with {
                $0.account = try account(17)
            }
            let entries = try await service.ledger.getStatement(request).entries
            for entry in entries {
                let at = try await ask(service, at: entry.postedAtMicroseconds).account
                #expect(at.balance == entry.balanceAfter && at.version == entry.version)
                let before = try await ask(service, at: entry.postedAtMicroseconds - 1).account
                #expect(before.balance == entry.balanceAfter - entry.amount)
                #expect(before.version == entry.version - 1)
            }
            #expect(try await ask(service, at: .max).account.version == 4)
            #expect(try await ask(service, at: .min).refusal.code == .accountUnknown)
            #expect(try await ask(service, 4711, at: .max).refusal.code == .accountUnknown)
            // Chiara's account was closed on 2024-06-30.
            let open = try await ask(service, 32, at: 1_719_500_000_000_000).account
            #expect(!open.hasClosedAtMicroseconds && open.balance == 120_000)
            #expect(try await ask(service, 32, at: .max).account.hasClosedAtMicroseconds)
        }

        @Test(.bankService) func timesOfOneBatchMayDiffer() async throws {
            let day: Int64 = 86_400_000_000
            let queries = try (0..<200).map { index in
                try Query.with {
                    $0.account = try account(index % 3 == 0 ? 18 : 17)
                    if index % 4 != 0 {
                        $0.atMicroseconds = 1_676_280_000_000_000 + Int64(index) * 10 * day
                    }
                }
            }
            let together = try await service.ask(queries, metadata: .trace(sampled: true))
            #expect(together.timing?.metrics.count == 2)
            for (query, outcome) in zip(queries, together.outcomes) {
                #expect(try await service.ask([query]).outcomes == [outcome])
            }
            let alone = try await service.ask([queries[1]], metadata: .trace(sampled: true))
            #expect(alone.timing?.metrics.first?.detail == "balances (1 of another time)")
        }

        @Test(.bankService) func readsTransfersByTheirIDs() async throws {
            let transfer = try TransferRequest.transfer(5, from: 17, to: 18)
            let hold = try TransferRequest.hold(6, from: 17, to: 18)
            let refused = try TransferRequest.transfer(.max, from: 17, to: 18)
            let done = try await service.submit(transfer)[0].record
            let held = try await service.submit(hold)[0].record
            let refusal = try await service.submit(refused)[0].refusal
            let wanted = [transfer.id, hold.id, refused.id, .random()]
            let answer = try await service.ledger.getTransfers(
                .with { $0.ids = wanted.map { Data($0.bytes) } })
            let records = try answer.transfers.map { try $0.ledgerRecord() }
            #expect(records.count == 3)
            #expect(records.first { $0.id == transfer.id } == done && done != nil)
            #expect(records.first { $0.id == hold.id } == held && held != nil)
            #expect(records.first { $0.id == refused.id }?.refusal == refusal)
            let ledger = try await service.ledger.getLedger(.init())
            #expect(answer.ledger == ledger.ledger)
        }

        @Test(.bankService) func takesAThousandIDsAndNoMore() async throws {
            for (count, length, reason) in [
                (1000, 16, nil), (1001, 16, BalanceErrorReason.tooManyQueries),
                (1, 15, .requestInvalid),
            ] {
                let request = Teller_Balance_V1_GetTransfersRequest.with {
                    $0.ids = Array(repeating: Data(repeating: 7, count: length), count: count)
                }
                do {
                    let answer = try await service.ledger.getTransfers(request)
                    #expect(answer.transfers.isEmpty && reason == nil)
                } catch let error as RPCError { #expect(BalanceErrorReason(of: error) == reason) }
            }
        }

        /// Each call of the ledger keeps its deadline and tells its time when sampled.
        @Test(.bankService) func callsAreTimedAndKeepTheirDeadlines() async throws {
            let timing = try await service.ledger.getLedger(
                .init(), metadata: .trace(sampled: true)
            ) { $0.trailingMetadata[stringValues: ServerTiming.headerName].first { _ in true } }
            #expect(
                timing.map { ServerTiming(parsing: $0).metrics.map(\.name) } == [
                    "balance-service", "postgresql",
                ])
            let late = Metadata.timeout("0u")
            let statement = try Teller_Balance_V1_GetStatementRequest.with {
                $0.account = try account(17)
            }
            let close = try Teller_Balance_V1_CloseAccountRequest.with {
                $0.id = Data(Identifier.random().bytes)
                $0.account = try account(17)
            }
            let calls: [() async throws -> Void] = [
                { _ = try await service.ledger.getLedger(.init(), metadata: late) },
                { _ = try await service.ledger.runAudit(.init(), metadata: late) },
                { _ = try await service.ledger.getTransfers(.init(), metadata: late) },
                { _ = try await service.ledger.getStatement(statement, metadata: late) },
                { _ = try await service.ledger.closeAccount(close, metadata: late) },
                { _ = try await service.ledger.openAccount(.named("Zoë"), metadata: late) },
            ]
            for call in calls { await expectFailure(.deadlineExceeded) { try await call() } }
            #expect(
                try await TestPostgres.psql(
                    service.database, "SELECT count(*) FROM teller.account_requests") == "0")
        }
    }
}
