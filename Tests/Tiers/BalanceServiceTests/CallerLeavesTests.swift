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
    @Suite(.timeLimit(.minutes(2)))
    struct CallerLeavesTests {
        enum Call: CaseIterable, Sendable {
            case audit, statement, list, lookUp

            func make(_ service: RunningService) async throws {
                let (metadata, options) = (Metadata.timeout("60S"), RunningService.options)
                switch self {
                case .audit:
                    _ = try await service.ledger.runAudit(
                        .init(), metadata: metadata, options: options)
                case .statement:
                    let message = try Teller_Balance_V1_GetStatementRequest.with {
                        $0.account = try account(17)
                    }
                    _ = try await service.ledger.getStatement(
                        message, metadata: metadata, options: options)
                case .list:
                    _ = try await service.balances.listAccounts(
                        .init(), metadata: metadata, options: options)
                case .lookUp:
                    let message = Teller_Balance_V1_GetTransfersRequest.with {
                        $0.ids = [Data(uuidBytes(UUID()))]
                    }
                    _ = try await service.ledger.getTransfers(
                        message, metadata: metadata, options: options)
                }
            }
        }

        @Test(arguments: Call.allCases)
        func aReadEndsWithItsCaller(_ call: Call) async throws {
            try await withBankService { service async throws in
                try await whileTablesAreLocked(service.database) { () async throws in
                    let caller = Task { try await call.make(service) }
                    #expect(try await waitForBlocked(1..., in: service.database))
                    caller.cancel()
                    #expect(try await waitForBlocked(0...0, in: service.database))
                    _ = await caller.result
                }
                try await call.make(service)
            }
        }

        @Test func aWriteGoesOn() async throws {
            try await withBankService { service async throws in
                let message = Teller_Balance_V1_OpenAccountRequest.with {
                    $0.id = Data(uuidBytes(UUID()))
                    $0.name = "Zoe"
                    $0.currency = "USD"
                }
                let count = "SELECT count(*) FROM teller.accounts WHERE name = 'Zoe'"
                try await whileTablesAreLocked(service.database) { () async throws in
                    let caller = Task {
                        try await service.ledger.openAccount(
                            message, metadata: .timeout("60S"), options: RunningService.options)
                    }
                    #expect(try await waitForBlocked(1..., in: service.database))
                    caller.cancel()
                    _ = await caller.result
                }
                #expect(
                    try await eventually {
                        try await TestPostgres.psql(service.database, count) == "1"
                    })
            }
        }

        @Test func aDrainEndsNothing() async throws {
            try await withBankService { service async throws in
                let message = Teller_Balance_V1_OpenAccountRequest.with {
                    $0.id = Data(uuidBytes(UUID()))
                    $0.name = "Zoe"
                    $0.currency = "USD"
                }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    try await whileTablesAreLocked(service.database) { () async throws in
                        for call in Call.allCases {
                            group.addTask { try await call.make(service) }
                        }
                        group.addTask {
                            let answer = try await service.ledger.openAccount(
                                message, metadata: .timeout("60S"),
                                options: RunningService.options)
                            #expect(answer.account.name == "Zoe")
                        }
                        #expect(try await waitForBlocked(5..., in: service.database))
                        let watch = HealthWatch()
                        group.addTask { try await watch.run(service) }
                        #expect(try await eventually { watch.statuses.last == .serving })
                        await service.services.triggerGracefulShutdown()
                        #expect(try await eventually { watch.statuses.last == .notServing })
                        // All of them go on, or would have ended by now.
                        try await Task.sleep(for: .milliseconds(300))
                    }
                    try await group.waitForAll()
                }
            }
        }

        private func whileTablesAreLocked<Result>(
            _ url: String, _ body: nonisolated(nonsending) () async throws -> sending Result
        ) async throws -> sending Result {
            try await withConnection(url) { connection in
                try await connection.withTransaction(deadline: .now + .seconds(60)) { connection in
                    try await connection.executeScript(
                        "LOCK TABLE teller.accounts, teller.transfers IN ACCESS EXCLUSIVE MODE")
                    return try await body()
                }
            }
        }
    }
}
