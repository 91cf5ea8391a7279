import BalanceAPI
import Foundation
import GRPCCore
import Ledger
import SwiftProtobuf
import TestSupport
import Testing

@testable import BalanceService

extension ServiceTests {
    /// A ledger from before sql/0003, which has what is refused since: it is read, repeated and gone on with.
    @Suite(.timeLimit(.minutes(2))) struct EarlierLedgerTests {
        private static let (ada, ben, cleo, blank) =
            (1000, 1002, 1003, 1004) as (Int64, Int64, Int64, Int64)
        private static let (cash, big, gone, huge) =
            (1001, 1005, 1006, 1007) as (Int64, Int64, Int64, Int64)
        private static let zeros = Identifier(high: 0, low: 0)

        private static func id(_ number: Int) throws -> Identifier {
            let digits = "\(number)"
            let zeros = String(repeating: "0", count: 12 - digits.count)
            return try #require(Identifier("0198a000-0000-7000-8000-\(zeros)\(digits)"))
        }

        /// - Parameter body: Runs with the ledger migrated, and its pending holds not due.
        private func withEarlierLedger(
            _ body: @Sendable (RunningService) async throws -> Void
        ) async throws {
            try await TestPostgres.withFreshDatabase("earlier") { url async throws in
                try await migrate(url, Array(Migration.all.prefix(2)))
                let dump = URL(filePath: #filePath).deletingLastPathComponent().appending(
                    path: "earlier-ledger.sql")
                try await TestPostgres.psql(url, try String(contentsOf: dump, encoding: .utf8))
                try await TestPostgres.psql(
                    url,
                    """
                    UPDATE teller.transfers SET created_at = clock_timestamp()
                    WHERE id IN (SELECT id FROM teller.holds WHERE state = 'pending');
                    UPDATE teller.holds
                    SET expires_at = created_at + hold_seconds * interval '1 second'
                    FROM teller.transfers WHERE transfers.id = holds.id AND state = 'pending'
                    """)
                #expect(try await migrate(url) == Migration.all.dropFirst(2).map(\.name))
                try await withService(url, body)
            }
        }

        private func ask(
            _ action: TransferRequest.Action, id: Identifier = .random(), memo: String? = nil,
            of service: RunningService
        ) async throws -> Refusal? {
            let request = TransferRequest(
                id: id, action: action, memo: try memo.map { try ShortText($0) })
            return try await service.submit(request)[0].refusal
        }

        @Test func isReadAsItIs() async throws {
            try await withEarlierLedger { service async throws in
                let (ada, ben, cleo) = (Self.ada, Self.ben, Self.cleo)
                #expect(
                    try await service.balances(ada, ben, cleo, Self.blank, Self.big, Self.gone) == [
                        64_500, 33_000, 782, 0, 2_000_000_000_000_000, 0,
                    ])
                #expect(
                    try await service.balances(Self.cash, Self.huge, 1008) == [
                        -2_000_000_000_098_282, .max - 7, 7 - .max,
                    ])
                let statement = try await service.ledger.getStatement(
                    .with { $0.account = try account(cleo) })
                #expect(statement.entries.map(\.amount) == [5, 777])
                #expect(statement.entries[0].transfer == Data(Self.zeros.bytes))
                let kept = try await service.ledger.getTransfers(
                    .with {
                        $0.ids = [Self.zeros, try Self.id(9), try Self.id(13)].map {
                            Data($0.bytes)
                        }
                    }
                ).transfers.map { try $0.ledgerRecord() }
                #expect(Set(kept.map(\.id)) == [Self.zeros, try Self.id(9), try Self.id(13)])
                #expect(kept.compactMap(\.memo?.description) == [" "])
                #expect(kept.compactMap(\.refusal) == [.insufficientFunds])
                let list = try await service.balances.listAccounts(.init())
                #expect(list.accounts.count == 7)
                #expect(list.accounts.contains { $0.name == "   " && $0.overdraftLimit == .max })
            }
        }

        @Test func theAuditTellsWhatIsNotAllowedAnyMore() async throws {
            try await withEarlierLedger { service async throws in
                let made = "only deposits, withdrawals and reversals touch cash: transfer "
                let owed = "no pending hold is for a closed account: hold "
                #expect(
                    try await Set(brokenInvariants(service.database)) == [
                        "\(made)\(Self.id(22))", "\(owed)\(Self.id(20))",
                    ])
                #expect(
                    try await ask(.post(hold: Self.id(20), amount: nil), of: service)
                        == .accountClosed)
                #expect(try await ask(.void(hold: Self.id(20)), of: service) == nil)
                #expect(try await ask(.reversal(of: Self.id(22)), of: service) == nil)
                // That money was made stays in the books.
                #expect(try await brokenInvariants(service.database) == ["\(made)\(Self.id(22))"])
            }
        }

        @Test func aRepeatGetsTheFirstOutcome() async throws {
            try await withEarlierLedger { service async throws in
                let (ada, cleo) = (try number(Self.ada), try number(Self.cleo))
                let most = Money(minorUnits: .max - 7, currency: .eur)
                #expect(
                    try await ask(
                        .deposit(credit: cleo, amount: .usd(5)), id: Self.zeros, of: service) == nil
                )
                #expect(
                    try await ask(
                        .deposit(credit: cleo, amount: .usd(6)), id: Self.zeros, of: service)
                        == .idUsedWithOtherContent)
                #expect(
                    try await ask(
                        .withdrawal(debit: ada, amount: .usd(2500)), id: Self.id(9), memo: " ",
                        of: service) == nil)
                #expect(
                    try await ask(
                        .transfer(debit: number(Self.cash), credit: cleo, amount: .usd(777)),
                        id: Self.id(22), memo: "Made of nothing", of: service) == nil)
                #expect(
                    try await ask(
                        .deposit(credit: number(Self.huge), amount: most), id: Self.id(26),
                        of: service) == nil)
                #expect(
                    try await ask(
                        .transfer(debit: cleo, credit: number(Self.ben), amount: .usd(1000)),
                        id: Self.id(13), of: service) == .insufficientFunds)
                let opened = try await service.open(.named("   ", limit: .max, id: Self.id(4)))
                #expect(try opened.account.account == account(Self.blank))
                #expect(try await service.balances(Self.cleo) == [782])
            }
        }

        @Test func moneyGoesOn() async throws {
            try await withEarlierLedger { service async throws in
                let (cleo, huge) = (try number(Self.cleo), try number(Self.huge))
                func euros(_ amount: Int64) -> Money { Money(minorUnits: amount, currency: .eur) }
                let steps: [(TransferRequest.Action, Refusal?)] = [
                    (.post(hold: try Self.id(19), amount: .usd(4000)), nil),
                    // A hold of more than one transfer may be of now.
                    (.post(hold: try Self.id(25), amount: nil), nil),
                    // One on cash moves nothing.
                    (.post(hold: try Self.id(23), amount: nil), .accountIsCash),
                    (.void(hold: try Self.id(23)), nil),
                    (.deposit(credit: cleo, amount: .usd(1)), nil),
                    (.withdrawal(debit: cleo, amount: .usd(LedgerLimits.transfer)), nil),
                    (.deposit(credit: huge, amount: euros(1)), .amountTooLarge),
                    (.withdrawal(debit: huge, amount: euros(LedgerLimits.transfer)), nil),
                    (.reversal(of: try Self.id(26)), .insufficientFunds),
                    (.reversal(of: try Self.id(24)), .insufficientFunds),
                    (.transfer(debit: try number(Self.blank), credit: cleo, amount: .usd(5)), nil),
                ]
                for (action, refusal) in steps {
                    #expect(try await ask(action, of: service) == refusal, "\(action)")
                }
                #expect(
                    try await service.balances(Self.cleo, Self.blank) == [
                        500_000_000_000_782 + 4000 + 1 + 5, -5,
                    ])
                #expect(
                    try await brokenInvariants(service.database).map { String($0.prefix(4)) }
                        .sorted() == ["no p", "only"])
            }
        }
    }
}
