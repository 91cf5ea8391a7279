import BankAPI
import Ledger
import Testing

@testable import Teller

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite(.timeLimit(.minutes(10))) struct StatementCommandTests {
    private let alice = FakeBank.alice

    @Test func showsEntriesBetweenTheirBalances() async throws {
        try await FakeBank.serving(try StatementBank(count: 3, memo: "a, \"b\"").behave) { bank in
            let teller = try await TellerProcess.run("statement", alice, server: bank.url)
            let other = try AccountNumber(StatementBank.other).grouped
            #expect(teller.status == 0, "\(teller.errors)")
            #expect(
                teller.output == """
                    XB45 DEMO 0000 0000 17   Alice, everyday   USD

                    POSTED (UTC)          ENTRY                       MEMO        AMOUNT     BALANCE
                                          opening balance                                       0.00
                    2026-01-01 01:00:00   deposit                     a, "b"   10,000.00   10,000.00
                    2026-01-01 02:00:00   to \(other)   a, "b"       -2.02    9,997.98
                    2026-01-01 03:00:00   to \(other)   a, "b"       -3.03    9,994.95
                                          closing balance                                   9,994.95

                    """)
        }
    }

    @Test func theIDsOfTransfersAreShownWhereAskedFor() async throws {
        try await FakeBank.serving(try StatementBank(count: 2, memo: "=1+1").behave) { bank in
            let plain = try await TellerProcess.run("statement", alice, server: bank.url)
            #expect(!plain.output.contains("00000000-0000-0007"))
            let teller = try await TellerProcess.run("statement", alice, "--ids", server: bank.url)
            let lines = teller.output.split(separator: "\n")
            try #require(lines.count == 8, "\(teller.output)")
            #expect(lines[4] == "    id 00000000-0000-0007-0000-000000000001")
            #expect(lines[6] == "    id 00000000-0000-0007-0000-000000000002")
            // No character is put before what a spreadsheet would take for a formula.
            let csv = try await TellerProcess.run(
                "statement", alice, "--output", "csv", server: bank.url)
            #expect(csv.output.hasSuffix(",=1+1\r\n"))
        }
    }

    @Test func aTableHasTheNewestAndSaysWhatItLeavesOut() async throws {
        try await FakeBank.serving(try StatementBank(count: 61).behave) { bank in
            let teller = try await TellerProcess.run("statement", alice, server: bank.url)
            #expect(teller.output.contains("11 earlier entries are not shown"))
            #expect(teller.output.split(separator: "\n").count { $0.hasPrefix("2026-") } == 50)
            #expect(bank.requests.count == 1)
            let all = try await TellerProcess.run(
                "statement", alice, "--limit", "61", "--page-size", "7", "--timeout", "60s",
                server: bank.url)
            #expect(!all.output.contains("earlier"))
            #expect(all.output.split(separator: "\n").count { $0.hasPrefix("2026-") } == 61)
        }
    }

    @Test func csvAndJSONHaveAllEntries() async throws {
        try await FakeBank.serving(try StatementBank(count: 61, memo: "a, \"b\"").behave) { bank in
            let csv = try await TellerProcess.run(
                "statement", alice, "--output", "csv", "--page-size", "10", server: bank.url)
            let lines = csv.output.split(separator: "\r\n", omittingEmptySubsequences: false)
            try #require(lines.count == 63, "\(csv.output)")
            #expect(
                lines.first.map(String.init)
                    == "version,posted_at,kind,transfer,other_account,amount,currency,"
                    + "balance_after,memo")
            #expect(lines[61].hasPrefix("61,2026-01-03T13:00:00.000000Z,transfer,"))
            #expect(lines[61].hasSuffix(#",USD,8091.10,"a, ""b""""#), "\(lines[61])")
            let json = try await TellerProcess.run(
                "statement", alice, "--output", "json", server: bank.url)
            let page = try BankJSON.decoder().decode(
                StatementPage.self, from: .init(json.output.utf8))
            #expect(page.entries.map(\.version) == Array(1...61))
            #expect(json.output.contains(#""has_earlier":false"#))
        }
    }

    @Test func aDayIsWhole() async throws {
        try await FakeBank.serving(try StatementBank(count: 61).behave) { bank in
            let teller = try await TellerProcess.run(
                "statement", alice, "--from", "2026-01-02", "--to", "2026-01-02", "--output", "csv",
                server: bank.url)
            let lines = teller.output.split(separator: "\r\n", omittingEmptySubsequences: false)
            try #require(lines.count == 24 + 2, "\(teller.output)")
            #expect(lines[1].hasPrefix("24,2026-01-02T00:00:00"))
            #expect(lines[24].hasPrefix("47,2026-01-02T23:00:00"))
        }
    }

    @Test(arguments: [
        (["--from", "yesterday"], "'yesterday' is neither a day"),
        (["--to", "2026-02-30"], "there is no day 2026-02-30"),
        (["--to", "2026-1-3"], "is neither a day"),
        (["--from", "2026-01-31T09:30:00"], "is neither a day"),
        (["--from", "2026-01-02", "--to", "2026-01-01"], "--from: the period ends at --to"),
        (["--limit", "0"], "--limit: from 1 to"),
        (["--page-size", "501"], "--page-size: from 1 to 500"),
    ])
    func refusesWhatIsNoPeriod(arguments: [String], words: String) async throws {
        let teller = try await TellerProcess.run(
            ["statement", alice] + arguments, server: "http://127.0.0.1:1", environment: [:])
        teller.expectFailure(64, saying: words)
    }

    @Test(arguments: [nil, "a"] as [String?], [Int64(9), 12_345_678])
    func aReversalFitsATerminal(memo: String?, minorUnits: Int64) throws {
        var bank = try StatementBank(count: 2, memo: memo)
        bank.entries[1].kind = "reversal"
        bank.entries[1].amount = Money(minorUnits: -minorUnits, currency: .usd)
        let zero = Money(minorUnits: 0, currency: .usd)
        let statement = Statement(
            account: Account(
                account: try AccountNumber(alice), name: "Alice", balance: zero, held: zero,
                overdraftLimit: zero, version: 2, openedAt: Timestamp(microseconds: 0),
                closedAt: nil),
            openingBalance: zero, closingBalance: zero, entries: bank.entries, hasEarlier: false)
        let view = StatementView(
            statement: statement, period: StatementPeriod())
        let text = view.text(on: Terminal(isTerminal: true))
        #expect(text.contains(memo == nil ? "reversal " : "reversal: a"), "\(text)")
        for line in text.split(separator: "\n") {
            #expect(String(line).displayWidth <= 80, "\(text)")
        }
    }

    @Test func isOfOneAccount() async throws {
        let teller = try await TellerProcess.run("statement", alice, StatementBank.other)
        teller.expectFailure(64, saying: "2 accounts are given")
    }

    @Test func aStatementThatDoesNotAddUpIsNotShown() async throws {
        var torn = try StatementBank(count: 9)
        torn.entries.remove(at: 4)
        try await FakeBank.serving(torn.behave) { bank in
            let teller = try await TellerProcess.run("statement", alice, server: bank.url)
            teller.expectFailure(76, saying: "does not add up")
        }
    }

    @Test func noMemoAndNoNameSteersTheTerminal() async throws {
        let bank = try StatementBank(count: 1, memo: "MEMO")
        let hostile: FakeBank.Behaviour = { request in
            guard case .answer(_, _, let body, _) = bank.behave(request) else { return .reset }
            return .json(body.replacing("MEMO", with: #"\u001b[2J"#))
        }
        try await FakeBank.serving(hostile) { bank in
            for format in ["table", "csv", "json"] {
                let teller = try await TellerProcess.run(
                    "statement", alice, "--output", format, server: bank.url)
                teller.expectFailure(76, saying: "at entries.[0].memo")
                #expect(!teller.errors.contains("\u{1B}"))
            }
        }
    }
}
