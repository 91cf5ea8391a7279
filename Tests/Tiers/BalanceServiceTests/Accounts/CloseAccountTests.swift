import BalanceAPI
import Foundation
import GRPCCore
import Ledger
import SwiftProtobuf
import TestSupport
import Testing

@testable import BalanceService

extension ServiceTests {
    @Suite(.timeLimit(.minutes(2))) struct CloseAccountTests {
        typealias Response = Teller_Balance_V1_CloseAccountResponse

        private func close(
            _ number: Int64, _ service: RunningService, bank: String = "DEMO",
            id: Identifier = .random()
        ) async throws -> Response {
            try await service.ledger.closeAccount(
                .with {
                    $0.id = Data(id.bytes)
                    $0.account = try account(number, bank: bank)
                })
        }

        @Test(.bankService) func closesAtZeroOnce() async throws {
            let opened = try await service.open(.named("Zoë")).account
            let number = try AccountNumber(opened.account).number
            let id = Identifier.random()
            let closed = try await close(number, service, id: id)
            #expect(closed.account.account == opened.account)
            #expect(closed.account.closedAtMicroseconds >= opened.openedAtMicroseconds)
            #expect(try await close(number, service, id: id) == closed)
            #expect(try await close(number, service).refused == "account_closed")
            #expect(try await close(18, service, id: id).refused == "id_used_with_other_content")
            #expect(
                try await service.open(.named("Zoë", id: id)).refused
                    == "id_used_with_other_content")
            #expect(try await brokenInvariants(service.database) == [])
        }

        @Test(.bankService) func aRefusalIsKept() async throws {
            let number = try await service.openAccount(limit: 1000)
            try await TestPostgres.psql(
                service.database, LedgerSQL.hold(1, from: number, to: 17, 100))
            let (full, held, unknown, foreign) = (
                Identifier.random(), Identifier.random(), Identifier.random(), Identifier.random()
            )
            // Also after the cause has gone.
            for _ in 0..<2 {
                #expect(try await close(18, service, id: full).refused == "account_not_empty")
                #expect(try await close(number, service, id: held).refused == "account_has_holds")
                #expect(try await close(4711, service, id: unknown).refused == "account_unknown")
                #expect(
                    try await close(number, service, bank: "ELSE", id: foreign).refused
                        == "account_unknown")
                try await TestPostgres.psql(
                    service.database,
                    """
                    UPDATE teller.transfers SET created_at = created_at - interval '1 day'
                    WHERE kind = 'hold';
                    UPDATE teller.holds
                    SET state = 'expired', expires_at = expires_at - interval '1 day';
                    UPDATE teller.accounts SET held = 0
                    """)
            }
            // The bank's cash is nobody's account.
            #expect(try await close(1, service).refused == "account_unknown")
            #expect(try await close(number, service).account.hasClosedAtMicroseconds)
            #expect(try await brokenInvariants(service.database) == [])
        }

        /// Its money could never be posted.
        @Test(.bankService) func aHoldForItKeepsItOpen() async throws {
            let number = try await service.openAccount()
            let (pending, due) = (Identifier.random(), Identifier.random())
            let hold = try TransferRequest.hold(100, from: 17, to: number)
            #expect(try await service.submit(hold)[0].record != nil)
            #expect(try await close(number, service, id: pending).refused == "account_has_holds")
            let void = TransferRequest(id: .random(), action: .void(hold: hold.id))
            #expect(try await service.submit(void)[0].record != nil)
            // One that is due does not count, whether or not its row says so.
            try await TestPostgres.psql(
                service.database,
                LedgerSQL.hold(1, from: 18, to: number, 100, seconds: 5, age: "1 minute"))
            #expect(try await close(number, service, id: due).account.hasClosedAtMicroseconds)
            #expect(try await close(number, service, id: pending).refused == "account_has_holds")
            #expect(try await brokenInvariants(service.database) == [])
        }

        /// Whoever makes a hold for an account has it locked, as has whoever closes it.
        @Test(.bankService) func racesWithHolds() async throws {
            for _ in 0..<20 {
                let number = try await service.openAccount()
                let request = try TransferRequest.hold(1, from: 17, to: number)
                async let hold = service.submit(request)
                async let closing = close(number, service)
                let (outcome, closed) = try await (hold[0], closing)
                if closed.account.hasClosedAtMicroseconds {
                    #expect(outcome.refusal == .accountClosed)
                } else {
                    #expect(outcome.record != nil && closed.refused == "account_has_holds")
                }
            }
            #expect(try await brokenInvariants(service.database) == [])
        }

        @Test func aRefusalBeforeTheFirstAccountIsKept() async throws {
            try await TestPostgres.withFreshDatabase("empty") { url async throws in
                try await migrate(url)
                try await withService(url) { service async throws in
                    let id = Identifier.random()
                    #expect(try await close(1000, service, id: id).refused == "account_unknown")
                    _ = try await service.open(.named("Zoë"))
                    #expect(try await close(1000, service, id: id).refused == "account_unknown")
                    #expect(
                        try await close(1001, service, id: id).refused
                            == "id_used_with_other_content")
                }
            }
        }

        /// Nobody need ask for it.
        @Test(.bankService) func aHoldThatIsDueDoesNotCount() async throws {
            let number = try await service.openAccount(limit: 1000)
            try await TestPostgres.psql(
                service.database,
                LedgerSQL.hold(1, from: number, to: 17, 100, seconds: 5, age: "1 minute"))
            #expect(try await close(number, service).account.hasClosedAtMicroseconds)
            let state = try await TestPostgres.psql(
                service.database, "SELECT state FROM teller.holds")
            #expect(state == "expired")
            #expect(try await brokenInvariants(service.database) == [])
        }

        @Test(.bankService) func concurrentRepeatsCloseOnce() async throws {
            let number = try await service.openAccount()
            let id = Identifier.random()
            let answers = try await withThrowingTaskGroup(of: Response.self) { group in
                for _ in 0..<50 { group.addTask { try await close(number, service, id: id) } }
                return try await group.reduce(into: Set<Response>()) { $0.insert($1) }
            }
            #expect(answers.count == 1 && answers.first?.account.hasClosedAtMicroseconds == true)
        }

        /// Either the account is closed at zero, or the money is there and it is open.
        @Test(.bankService) func racesWithDeposits() async throws {
            for _ in 0..<20 {
                let number = try await service.openAccount()
                async let deposit = service.submit(.deposit(5, to: number))
                async let closing = close(number, service)
                let (outcome, closed) = try await (deposit[0], closing)
                if closed.account.hasClosedAtMicroseconds {
                    #expect(outcome.refusal == .accountClosed)
                } else {
                    #expect(outcome.record != nil && closed.refused == "account_not_empty")
                }
            }
            #expect(try await brokenInvariants(service.database) == [])
        }
    }
}
