import BalanceAPI
import Chain
import Foundation
import GRPCCore
import Postgres
import ServiceLifecycle
import SwiftProtobuf
import TestSupport
import Testing

@testable import BalanceService

extension ServiceTests {
    /// What nobody waits for ends; what a drain finds under way does not.
    @Suite(.timeLimit(.minutes(2))) struct CallerLeavesTests {
        enum Call: CaseIterable, Sendable {
            case audit, statement, list, lookUp

            func make(_ service: RunningService) async throws {
                let metadata = Metadata.timeout("60S")
                switch self {
                case .audit: _ = try await service.ledger.runAudit(.init(), metadata: metadata)
                case .statement:
                    let message = try Teller_Balance_V1_GetStatementRequest.with {
                        $0.account = try account(17)
                    }
                    _ = try await service.ledger.getStatement(message, metadata: metadata)
                case .list: _ = try await service.balances.listAccounts(.init(), metadata: metadata)
                case .lookUp:
                    let message = Teller_Balance_V1_GetTransfersRequest.with {
                        $0.ids = [Data(uuidBytes(UUID()))]
                    }
                    _ = try await service.ledger.getTransfers(message, metadata: metadata)
                }
            }
        }

        @Test(.bankService, arguments: Call.allCases)
        func aReadEndsWithItsCaller(_ call: Call) async throws {
            try await whileTablesAreLocked(
                "teller.accounts, teller.transfers", in: service.database
            ) { () async throws in
                let caller = Task { try await call.make(service) }
                try await waitForBlocked(1..., in: service.database)
                caller.cancel()
                try await waitForBlocked(0...0, in: service.database)
                _ = await caller.result
            }
            try await call.make(service)
        }

        @Test(.bankService) func aWriteGoesOn() async throws {
            let message = Teller_Balance_V1_OpenAccountRequest.with {
                $0.id = Data(uuidBytes(UUID()))
                $0.name = "Zoe"
                $0.currency = "USD"
            }
            let count = "SELECT count(*) FROM teller.accounts WHERE name = 'Zoe'"
            try await whileTablesAreLocked(
                "teller.accounts, teller.transfers", in: service.database
            ) { () async throws in
                let caller = Task {
                    try await service.ledger.openAccount(message, metadata: .timeout("60S"))
                }
                try await waitForBlocked(1..., in: service.database)
                caller.cancel()
                _ = await caller.result
            }
            try await eventually { try await TestPostgres.psql(service.database, count) == "1" }
        }

        @Test(.bankService) func aDrainEndsNothing() async throws {
            let message = Teller_Balance_V1_OpenAccountRequest.with {
                $0.id = Data(uuidBytes(UUID()))
                $0.name = "Zoe"
                $0.currency = "USD"
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                try await whileTablesAreLocked(
                    "teller.accounts, teller.transfers", in: service.database
                ) { () async throws in
                    for call in Call.allCases { group.addTask { try await call.make(service) } }
                    group.addTask {
                        let answer = try await service.ledger.openAccount(
                            message, metadata: .timeout("60S"))
                        #expect(answer.account.name == "Zoe")
                    }
                    try await waitForBlocked(5..., in: service.database)
                    let watch = HealthWatch()
                    group.addTask { try await watch.run(service) }
                    try await eventually { watch.statuses.last == .serving }
                    await service.services.triggerGracefulShutdown()
                    try await eventually { watch.statuses.last == .notServing }
                    // All of them go on, or would have ended by now.
                    try await Task.sleep(for: .milliseconds(300))
                }
                try await group.waitForAll()
            }
        }
    }
}
