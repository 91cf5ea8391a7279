import BankAPI
import Ledger
import TestSupport
import Testing

@testable import Teller

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What each command asks, and what it prints.
@Suite(.serialized, .timeLimit(.minutes(10))) struct WriteCommandTests {
    private let alice = FakeLedger.alice
    private let bob = FakeLedger.bob
    private static let id = "0197f3c2-5b1e-7c40-9d2a-3f6b8e1c7a55"
    private static let hold = "0197f3c2-5b1e-7c40-9d2a-000000000001"

    struct Case: Sendable, CustomTestStringConvertible {
        var arguments: [String]
        var members: [String]
        var output: String
        var testDescription: String { arguments[0] }
    }

    static let cases = [
        Case(
            arguments: ["transfer", "25", FakeLedger.alice, FakeLedger.bob, "--memo", "Zoë, 🍕"],
            members: [
                #""amount":"25.00""#, #""currency":"USD""#, #""kind":"transfer""#,
                #""debit_account":"\#(FakeLedger.alice)""#,
                #""credit_account":"\#(FakeLedger.bob)""#, #""memo":"Zoë, 🍕""#,
            ],
            output: """
                Transferred USD 25.00
                  from   XB45 DEMO 0000 0000 17   balance 1,209.56   version  4
                  to     XB62 DEMO 0000 0000 02   balance    25.00   version 19
                  memo   Zoë, 🍕
                  id     \(id)

                """),
        Case(
            arguments: ["deposit", "0.01", FakeLedger.alice],
            members: [
                #""amount":"0.01""#, #""kind":"deposit""#,
                #""credit_account":"\#(FakeLedger.alice)""#,
            ],
            output: """
                Deposited USD 0.01
                  from   XB19 DEMO 0000 0000 00   the bank's cash
                  to     XB45 DEMO 0000 0000 17   balance 25.00   version 19
                  id     \(id)

                """),
        Case(
            arguments: ["withdraw", "500", AccountSamples.number(3)],
            members: [
                #""amount":"500""#, #""currency":"JPY""#, #""kind":"withdrawal""#,
                #""debit_account":"\#(AccountSamples.number(3))""#,
            ],
            output: "Withdrew JPY 500\n"),
        Case(
            arguments: ["hold", "25", FakeLedger.alice, FakeLedger.bob, "--expires", "2h"],
            members: [#""kind":"hold""#, #""expires_in":7200"#, #""amount":"25.00""#],
            output: """
                Held USD 25.00
                  from      XB45 DEMO 0000 0000 17
                  to        XB62 DEMO 0000 0000 02
                  expires   2026-01-31 11:30:00 UTC
                  id        \(id)

                """),
        Case(
            arguments: ["post", hold, "--amount", "20"],
            members: [#""kind":"post""#, #""hold":"\#(hold)""#, #""amount":"20.00""#],
            output: "Posted USD 20.00\n"),
        Case(
            arguments: ["post", hold], members: [#""kind":"post""#, #""hold":"\#(hold)""#],
            output: "Posted USD 25.00\n"),
        Case(
            arguments: ["void", hold], members: [#""kind":"void""#, #""hold":"\#(hold)""#],
            output: """
                Freed USD 25.00
                  from   XB45 DEMO 0000 0000 17
                  to     XB62 DEMO 0000 0000 02
                  hold   \(hold)
                  id     \(id)

                """),
        Case(
            arguments: ["reverse", hold],
            members: [#""kind":"reversal""#, #""reverses":"\#(hold)""#],
            output: "Reversed USD 25.00\n"),
        Case(
            arguments: ["open", "--name", "Zoë", "--currency", "eur", "--limit", "100"],
            members: [
                #""name":"Zoë""#, #""currency":"EUR""#, #""overdraft_limit":"100.00""#,
            ],
            output: """
                Opened \(grouped(AccountSamples.number(99)))
                  name       Zoë
                  currency   EUR
                  limit      100.00
                  id         \(id)

                """),
        Case(
            arguments: ["open", "--name", "Zoë", "--currency", "EUR", "--owner", "zoe"],
            members: [#""owner":"zoe""#],
            output: """
                Opened \(grouped(AccountSamples.number(99)))
                  name       Zoë
                  currency   EUR
                  limit      0.00
                  owner      zoe
                  id         \(id)

                """),
        Case(
            arguments: ["close", FakeLedger.alice], members: [],
            output: """
                Closed XB45 DEMO 0000 0000 17
                  name       Alice
                  currency   USD
                  id         \(id)

                """),
    ]

    /// The bank tells what only the asker's accounts have.
    @Test(arguments: [(true, false), (false, true), (false, false)])
    func aReceiptMayHaveOneLeg(debit: Bool, credit: Bool) throws {
        let request = TransferRequest(
            id: .now(),
            action: .transfer(
                debit: try AccountNumber(FakeLedger.alice),
                credit: try AccountNumber(FakeLedger.bob),
                amount: Money(minorUnits: 2500, currency: .usd)))
        var record = RecordedTransfer.sample(of: request)
        if !debit { record.debitLeg = nil }
        if !credit { record.creditLeg = nil }
        let told = try BankJSON.decoder().decode(
            Transfer.self, from: .init(try BankJSON.encode(Transfer(record))))
        let lines = Receipt(try #require(told.record)).lines(on: Terminal(isTerminal: false))
        let legs = [
            debit ? "   balance 1,209.56   version 4" : "",
            credit ? "   balance 25.00   version 19" : "",
        ]
        #expect(
            lines == [
                "Transferred USD 25.00", "  from   XB45 DEMO 0000 0000 17" + legs[0],
                "  to     XB62 DEMO 0000 0000 02" + legs[1],
            ])
    }

    @Test(arguments: cases)
    func asksOnceAndSaysWhatWasDone(example: Case) async throws {
        try await WriteTestHome.with { home in
            if example.arguments.contains("--amount") {
                let held = try await home.teller("hold", "25", alice, bob, "--id", Self.hold)
                #expect(held.status == 0, "\(held.errors)")
            }
            let teller = try await home.shell(
                "exec \"$teller\" '\(example.arguments.joined(separator: "' '"))' --id \(Self.id)")
            #expect(teller.status == 0, "\(teller.errors)")
            #expect(teller.errors.isEmpty)
            #expect(teller.output.hasPrefix(example.output), "\(teller.output)")
            let body = try #require(home.posts.last)
            for member in example.members { #expect(body.contains(member), "\(body)") }
            #expect(body.contains(#""id":"\#(Self.id)""#))
            #expect(body.contains(#""ledger":"\#(home.ledger.id)""#))
            #expect(home.lines.last?.contains(#""result":"done""#) == true)
            #expect(try await home.journal.pending().writes.isEmpty)
        }
    }

    @Test func printsTheTransferAsJSON() async throws {
        try await WriteTestHome.with { home in
            let teller = try await home.teller(
                "transfer", "25", alice, bob, "--output", "json")
            #expect(teller.status == 0)
            #expect(teller.output.hasPrefix("{"))
            #expect(teller.output.hasSuffix("}\n"))
            #expect(teller.output.contains(#""debit_version":4"#))
            #expect(teller.output.contains(#""bank":"DEMO""#))
            #expect(teller.output.contains(#""server":"\#(home.bank.url)""#))
            // Made by the client: version 7.
            let id = try #require(home.ledger.applied.first)
            #expect(Array("\(id)")[14] == "7")
        }
    }

    @Test func anAccountAsJSONHasTheRequestsID() async throws {
        try await WriteTestHome.with { home in
            let opened = try await home.teller(
                "open", "--name", "Zoë", "--currency", "EUR", "--id", Self.id, "--output", "json")
            #expect(opened.output.contains(#""id":"\#(Self.id)""#), "\(opened.output)")
            #expect(opened.output.contains(#""account":"\#(AccountSamples.number(99))""#))
            let closed = try await home.teller("close", alice, "--output", "json")
            #expect(closed.output.contains(#""id":""#), "\(closed.output)")
        }
    }

    @Test func aRepeatIsDoneOnceAndAnsweredTheSame() async throws {
        try await WriteTestHome.with { home in
            let first = try await home.teller("transfer", "25", alice, bob, "--id", Self.id)
            let second = try await home.teller("transfer", "25", alice, bob, "--id", Self.id)
            #expect(first.status == 0)
            let again = "  repeat   it was done before, on 2026-01-31 09:30:00 UTC, and not again\n"
            let narrow = first.output.split(separator: "\n").map { $0.split(separator: " ") }
            let wide = second.output.split(separator: "\n").map { $0.split(separator: " ") }
            #expect(narrow == wide.dropLast())
            #expect(second.output.hasSuffix(again), "\(second.output)")
            #expect(first.output.contains("  bank   DEMO at \(home.bank.url)\n"))
            let json = try await home.teller(
                "transfer", "25", alice, bob, "--id", Self.id, "--output", "json")
            #expect(json.output.contains(#""repeated":true"#), "\(json.output)")
            #expect(home.ledger.applied.count == 1)
            let other = try await home.teller("transfer", "26", alice, bob, "--id", Self.id)
            other.expectFailure(1, saying: "refused: the id was used before, for something else")
            #expect(try await home.journal.pending().writes.isEmpty)
        }
    }

    @Test(arguments: [
        (
            Refusal.insufficientFunds, Int32(1),
            "refused: XB45 DEMO 0000 0000 17 did not have enough available"
        ),
        (.holdExpired, 1, "refused: the hold has expired"),
        (.accountUnknown, 1, "refused: no account has this number"),
    ])
    func aRefusalIsAnOutcome(refusal: Refusal, status: Int32, words: String) async throws {
        try await WriteTestHome.with { home in
            home.ledger.refuse(refusal)
            let teller = try await home.teller("transfer", "25", alice, bob)
            teller.expectFailure(status, saying: words)
            try #require(home.lines.count == 2)
            #expect(home.lines[1].contains(#""code":"\#(refusal.rawValue)""#))
            #expect(home.lines[1].contains(#""result":"refused""#))
            #expect(try await home.teller("pending").output == "Nothing is pending.\n")
        }
    }

    #if os(Linux)
    @Test(arguments: ["/dev/full", "pipe"])
    func whatIsDoneIsSaidThoughTheOutputIsGone(output: String) async throws {
        try await WriteTestHome.with { home in
            let command = "\"$teller\" deposit 5 \(alice) --id \(Self.id)"
            let teller = try await home.shell(
                output == "pipe"
                    ? "mkfifo \"$XDG_STATE_HOME/p\"; { exec 3<>\"$XDG_STATE_HOME/p\"; "
                        + "exec 4>\"$XDG_STATE_HOME/p\"; exec 3>&-; exec \(command) >&4; }"
                    : "exec \(command) >\(output)")
            teller.expectFailure(
                74, saying: "deposit \(Self.id) is done, but cannot write to standard output")
            #expect(home.ledger.applied.count == 1)
            #expect(try await home.journal.pending().writes.isEmpty)
        }
    }
    #endif

    private static func grouped(_ number: String) -> String {
        (try? AccountNumber(number))?.grouped ?? ""
    }
}
