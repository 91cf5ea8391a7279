import BankAPI
import Ledger
import Testing

@testable import Teller

@Suite(.timeLimit(.minutes(10))) struct AuditCommandTests {
    @Test func printsWhatWasCounted() async throws {
        try await BatchHome.with { home in
            let teller = try await home.teller("audit")
            #expect(
                teller.output == """
                    Ledger \(BatchBank.ledger)

                      ✓  12,345  one
                      ✓       8  two

                    All 2 checks hold.

                    """)
            #expect(teller.status == 0)
            _ = try await TellerProcess.run(
                ["audit"], server: home.server.url, environment: ["TELLER_TIMEOUT": ""])
            let timeout = home.server.requests.last?.headers["grpc-timeout"] ?? ""
            #expect(timeout.dropLast().compactMap(\.wholeNumberValue).count >= 5)
        }
    }

    @Test func whatIsBrokenStandsOut() async throws {
        try await BatchHome.with { home in
            home.bank.breakInvariant()
            let teller = try await home.teller("audit")
            #expect(teller.output.contains("  ✗       8  two\n"))
            #expect(teller.output.contains("2 BROKEN, such as:\n"))
            #expect(teller.output.contains("account \u{FFFD}[2J17"))
            #expect(teller.status == 3)
            #expect(teller.errors.contains("the audit found this broken: two"))
            let json = try await home.teller("audit", "--output", "json")
            #expect(json.output.contains(#""broken":2,"counted":8"#))
            #expect(json.status == 3)
        }
    }

    @Test func anAuditOfNothingIsRefused() async throws {
        try await FakeBank.serving { _ in
            .json(#"{"ledger":"\#(BatchBank.ledger)","invariants":[]}"#)
        } _: { bank in
            let teller = try await TellerProcess.run("audit", server: bank.url)
            teller.expectFailure(76, saying: "checks nothing")
        }
    }

    @Test func aJournalThatAgreesIsClean() async throws {
        try await BatchHome.with { home in
            _ = try await home.transfer(BatchHome.csv("1", "999", "2"))
            _ = try await home.transfer(BatchHome.csv("888"))
            let teller = try await home.teller("audit", "--journal")
            #expect(teller.status == 0, "\(teller.output)")
            #expect(teller.output.contains("2  journal: what was done is there once"))
            #expect(teller.output.contains("1  journal: what was refused is not done"))
            #expect(teller.output.contains("1 pending: 'teller resume'"))
        }
    }

    @Test func aJournalThatCannotBeReadIsNotClean() async throws {
        try await BatchHome.with { home in
            _ = try await home.transfer(BatchHome.csv("1"))
            try home.home.writeJournal(home.home.lines.joined(separator: "\n") + "\n{}\n")
            let teller = try await home.teller("audit", "--journal")
            #expect(teller.status == 65)
            #expect(teller.errors.contains("line 4 of the journal may have been sent"))
        }
    }

    @Test func namesWhatTheLedgerLost() async throws {
        try await BatchHome.with { home in
            _ = try await home.transfer(BatchHome.csv("1", "2"))
            let lost = try #require(home.bank.done.first)
            home.bank.forget(lost)
            let teller = try await home.teller("audit", "--journal")
            #expect(teller.status == 3)
            #expect(teller.output.contains("transfer \(lost): acknowledged, and not there"))
        }
    }

    @Test func namesWhatWasDoneOtherwise() async throws {
        try await BatchHome.with { home in
            _ = try await home.transfer(BatchHome.csv("1", "999"))
            let requests = try #require(home.bank.batches.first?.transfers)
            home.bank.doNevertheless(requests[1])
            var other = requests[0]
            other.memo = try ShortText("other")
            home.bank.doNevertheless(other)
            let teller = try await home.teller("audit", "--journal")
            #expect(teller.status == 3)
            #expect(teller.output.contains("\(requests[1].id): told to be refused, and done"))
            #expect(
                teller.output.contains("\(requests[0].id): acknowledged, and there with other"))
        }
    }

    @Test func namesAGroupOfWhichAPartIsThere() async throws {
        try await BatchHome.with { home in
            _ = try await home.transfer(BatchHome.csv("1", "2"), "--atomic")
            home.bank.forget(try #require(home.bank.done.first))
            let teller = try await home.teller("audit", "--journal")
            #expect(teller.status == 3)
            #expect(teller.output.contains("1 of 2 are there"))
        }
    }

    /// As a group left it whose first transfer was done before.
    @Test func aMemberThatAnotherWriteDidSaysNothingOfItsGroup() async throws {
        try await BatchHome.with { home in
            let base = "0197f3c2-5b1e-7c40-9d2a-3f6b8e1c7a00"
            home.bank.lose(true)
            let group = try await home.transfer(
                BatchHome.csv("1", "2", "3"), "--atomic", "--id", base, "--timeout", "60s")
            #expect(group.status == 2)
            home.bank.lose(false)
            _ = try await home.transfer(BatchHome.csv("1"), "--id", base)
            let teller = try await home.teller("audit", "--journal")
            #expect(teller.status == 0, "\(teller.output)")
            #expect(teller.output.contains("1  journal: of linked transfers all"))
            // What no other write did still counts.
            let requests = try #require(home.bank.batches.first?.transfers)
            home.bank.doNevertheless(requests[1])
            let other = try await home.teller("audit", "--journal")
            #expect(other.status == 3)
            #expect(other.output.contains("1 of 2 are there, such as transfer \(requests[1].id)"))
        }
    }

    @Test func accountsThatWereOpenedAndClosedAreThere() async throws {
        try await BatchHome.with { home in
            let numbers = [AccountSamples.number(100), AccountSamples.number(101)]
            for name in ["Goes", "Stays"] {
                let opened = try await home.teller(
                    "open", "--name", name, "--currency", "USD", "--limit", "5")
                #expect(opened.status == 0, "\(opened.errors)")
            }
            #expect(try await home.teller("close", numbers[0]).status == 0)
            #expect(try await home.teller("close", numbers[1]).status == 1)
            let clean = try await home.teller("audit", "--journal")
            #expect(clean.status == 0, "\(clean.output)")
            #expect(clean.output.contains("2  journal: what was opened is there, as requested"))
            #expect(clean.output.contains("1  journal: what was closed is closed"))
            #expect(clean.output.contains("Journal: 1 to open or close an account: left out,"))

            let (first, second) = (try AccountNumber(numbers[0]), try AccountNumber(numbers[1]))
            home.bank.change(first) { $0?.closedAt = nil }
            home.bank.change(second) {
                $0?.overdraftLimit = Money(minorUnits: 501, currency: .usd)
            }
            let other = try await home.teller("audit", "--journal")
            #expect(other.status == 3)
            #expect(other.output.contains("account \(first.grouped): told to be closed, and open"))
            #expect(
                other.output.contains(
                    "account \(second.grouped): opened, and there with other content"))
            home.bank.change(second) { $0 = nil }
            let lost = try await home.teller("audit", "--journal")
            #expect(
                lost.output.contains("account \(second.grouped): opened, and not there"))
        }
    }

    /// As an earlier teller wrote it.
    @Test func anOpeningWithoutItsAccountIsLeftOut() async throws {
        try await BatchHome.with { home in
            _ = try await home.teller("open", "--name", "Zoë", "--currency", "USD")
            let account = #""account":"\#(AccountSamples.number(100))","#
            let text = home.home.lines.joined(separator: "\n") + "\n"
            #expect(text.contains(account))
            try home.home.writeJournal(text.replacing(account, with: ""))
            let teller = try await home.teller("audit", "--journal")
            #expect(teller.status == 0, "\(teller.output)")
            #expect(teller.output.contains("without the account's number"))
        }
    }

    @Test func leavesOutOtherLedgers() async throws {
        try await BatchHome.with { home in
            let there = try await home.home.teller("deposit", "5", BatchHome.alice)
            #expect(there.status == 0, "\(there.errors)")
            let teller = try await home.teller("audit", "--journal")
            #expect(teller.status == 0)
            #expect(teller.output.contains("1 meant for other ledgers: left out."))
        }
    }
}
