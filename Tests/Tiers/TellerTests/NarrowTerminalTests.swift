import BankAPI
import Ledger
import Testing

@testable import Teller

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What is shown where the terminal is narrower than a table: nothing that people copy is cut.
@Suite struct NarrowTerminalTests {
    private let narrow = Terminal(isTerminal: true, columns: 80)
    private let wide = Terminal(isTerminal: true, columns: 200)
    private let file = Terminal(isTerminal: false)
    private static let id = Identifier(high: 0x0197_f3c2_5b1e_7c40, low: 0x9d2a_3f6b_8e1c_7a55)

    private func intent() throws -> JournalIntent {
        let action = TransferRequest.Action.transfer(
            debit: try AccountNumber(FakeLedger.alice), credit: try AccountNumber(FakeLedger.bob),
            amount: Money(minorUnits: 2500, currency: .usd))
        return JournalIntent(
            .transfer(TransferRequest(id: Self.id, action: action)), ledger: Self.id,
            server: .standard)
    }

    private func widest(_ text: String) -> Int {
        text.split(separator: "\n").map { String($0).displayWidth }.max() ?? 0
    }

    @Test func whatIsPendingGoesOnBelow() throws {
        let intent = try intent()
        let view = PendingView(writes: [.init(intent: intent, attempts: [])])
        let lines = view.text(on: narrow).split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[0].hasSuffix("ID"))
        #expect(lines[1].hasSuffix("transfer   \(Self.id)"))
        #expect(
            lines[2] == "    USD 25.00  XB45 DEMO 0000 0000 17 → XB62 DEMO 0000 0000 02")
        #expect(widest(view.text(on: narrow)) <= 80)
        #expect(view.text(on: wide) == view.text(on: file))
        #expect(view.text(on: file).split(separator: "\n").count == 2)
    }

    @Test func whatIsResumedGoesOnBelow() throws {
        let done = ResumptionLine(try intent(), .refused(TellerError(.refused, "refused: no")))
        #expect(done.text(on: narrow).split(separator: "\n").count == 1)
        let why = String(repeating: "because ", count: 20)
        let unknown = ResumptionLine(try intent(), .unknown(TellerError(.unavailable, why)))
        let text = unknown.text(on: narrow)
        #expect(text.split(separator: "\n").count == 4)
        #expect(widest(text) <= 80)
        #expect(text.contains("\(Self.id)\n    because"))
        #expect(unknown.text(on: file).split(separator: "\n").count == 1)
    }

    @Test func whyALineWasRefusedGoesOnBelow() throws {
        let request = TransferRequest(id: Self.id, action: .void(hold: Self.id))
        let line = FileLine(number: 12_345, content: .success(request))
        let outcome = LineOutcome(
            kind: .refused, code: "insufficient_funds", why: "the account has not enough available")
        let view = LineOutcomeView(format: .table, terminal: narrow, lastLine: 99_999)
        let text = try view.line(line, outcome)
        #expect(widest(text) <= 80)
        #expect(text.contains("\(Self.id)\n                   insufficient_funds: the account"))
        let plain = LineOutcomeView(format: .table, terminal: file, lastLine: 99_999)
        #expect(
            try plain.line(line, outcome)
                == "12345   refused    \(Self.id)   insufficient_funds: the account has not enough "
                + "available\n")
    }

    @Test func accountsKeepTheirNumbersAndAmounts() throws {
        let amount = Money(minorUnits: 123_456_789, currency: .usd)
        let zero = Money(minorUnits: 0, currency: .usd)
        let accounts = try (1...2).map { number in
            Account(
                account: try AccountNumber(AccountSamples.number(number)), name: "Alice, everyday",
                balance: amount, held: number == 1 ? amount : zero, overdraftLimit: zero,
                version: 1, openedAt: .init(microseconds: 0),
                closedAt: number == 1 ? nil : .init(microseconds: 0))
        }
        let lines = AccountsView(accounts: accounts).text(on: narrow).split(separator: "\n")
        #expect(lines.count == 5)
        #expect(lines[1].hasPrefix(accounts[0].account.grouped))
        #expect(lines[1].hasSuffix("1,234,567.89   1,234,567.89           0.00"))
        #expect(lines[2] == "    Alice, everyday")
        #expect(lines[4] == "    Alice, everyday   closed 1970-01-01")
        #expect(lines.allSatisfy { String($0).displayWidth <= 80 })
        #expect(AccountsView(accounts: accounts).text(on: file).split(separator: "\n").count == 3)
    }

    @Test func onlyWhatMustGoesBelow() throws {
        let zero = Money(minorUnits: 0, currency: .usd)
        let accounts = try (1...2).map { number in
            Account(
                account: try AccountNumber(AccountSamples.number(number)), name: "Alice, everyday",
                balance: zero, held: number == 1 ? Money(minorUnits: 1, currency: .usd) : zero,
                overdraftLimit: zero, version: 1, openedAt: .init(microseconds: 0),
                closedAt: number == 1 ? nil : .init(microseconds: 0))
        }
        let lines = AccountsView(accounts: accounts).text(on: narrow).split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines[2].contains("Alice, everyday"))
        #expect(lines[3] == "    closed 1970-01-01")
    }

    @Test func aNameGivesWayFirst() throws {
        let zero = Money(minorUnits: 0, currency: .usd)
        let account = Account(
            account: try AccountNumber(FakeBank.alice), name: String(repeating: "x", count: 90),
            balance: zero, held: zero, overdraftLimit: zero, version: 1,
            openedAt: .init(microseconds: 0), closedAt: nil)
        let text = AccountsView(accounts: [account]).text(on: narrow)
        #expect(text.split(separator: "\n").count == 2)
        #expect(text.contains("…"))
        #expect(widest(text) <= 80)
    }

    @Test func wrapsAtSpaces() {
        #expect("a bb ccc dddd".wrapped(toColumns: 6) == ["a bb", "ccc", "dddd"])
        #expect("aaaaaaaa b".wrapped(toColumns: 3) == ["aaaaaaaa", "b"])
        #expect("".wrapped(toColumns: 3).isEmpty)
    }
}
