import BankAPI
import Ledger
import Testing

@testable import Teller

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a later bank, or a later teller, says and this one does not know.
@Suite(.timeLimit(.minutes(10))) struct LaterVersionTests {
    @Test func oneCodeOfALaterBankTouchesNoOtherLine() async throws {
        try await BatchHome.with { home in
            let later: FakeBank.Behaviour = { [bank = home.bank] request in
                let reply = bank.behave(request)
                guard case .answer(let status, let type, let body, _) = reply else { return reply }
                return .answer(
                    status, type: type,
                    body: body.replacing("insufficient_funds", with: "account_frozen")
                        .replacing(#""tier":"bank-server""#, with: #""tier":"vault""#))
            }
            try await FakeBank.serving(later) { server in
                try home.writeFile(BatchHome.csv("1", "999", "2"))
                let teller = try await TellerProcess.run(
                    ["transfer", "--file", home.path, "--output", "json"], server: server.url,
                    environment: ["XDG_STATE_HOME": home.home.state])
                #expect(teller.status == 1, "\(teller.output)")
                #expect(teller.errors.contains("2 done, 1 refused"))
                #expect(teller.output.contains(#""code":"account_frozen""#))
                #expect(try await home.home.journal.pending().writes.isEmpty)
            }
        }
    }

    @Test func oneOutcomeThatCannotBeReadIsUnknownAlone() async throws {
        try await BatchHome.with { home in
            let later: FakeBank.Behaviour = { [bank = home.bank] request in
                let reply = bank.behave(request)
                guard case .answer(let status, let type, let body, _) = reply else { return reply }
                return .answer(
                    status, type: type,
                    body: body.replacing(#""amount":"3.00""#, with: #""amount":"x""#))
            }
            try await FakeBank.serving(later) { server in
                try home.writeFile(BatchHome.csv("1", "3", "2"))
                let teller = try await TellerProcess.run(
                    ["transfer", "--file", home.path, "--timeout", "60s"], server: server.url,
                    environment: ["XDG_STATE_HOME": home.home.state])
                #expect(teller.status == 2)
                #expect(teller.errors.contains("2 done, 1 unknown"), "\(teller.errors)")
                #expect(try await home.home.journal.pending().writes.count == 1)
            }
        }
    }

    @Test func aStatementShowsKindsItDoesNotKnow() async throws {
        let bank = try StatementBank(count: 3)
        let later: FakeBank.Behaviour = { request in
            guard case .answer(_, let type, let body, _) = bank.behave(request) else {
                return .reset
            }
            return .answer(
                type: type, body: body.replacing(#""kind":"transfer""#, with: #""kind":"fee""#))
        }
        try await FakeBank.serving(later) { server in
            let table = try await TellerProcess.run(
                "statement", FakeBank.alice, server: server.url)
            #expect(table.status == 0, "\(table.errors)")
            #expect(table.output.contains("unknown: fee"), "\(table.output)")
            let csv = try await TellerProcess.run(
                "statement", FakeBank.alice, "--output", "csv", server: server.url)
            #expect(csv.output.contains(",fee,"))
        }
    }

    /// What a later teller asked for and settled is no damage; what it left open is listed.
    @Test func aLaterTellersJournalIsRead() async throws {
        func intent(_ low: Int, _ write: String) -> String {
            """
            {"intent":{"attempt":"0197f3c2-5b1e-7c40-9d2a-00000000000\(low)",\
            "ledger":"0197f3c2-5b1e-7c40-9d2a-3f6b8e1c7a55","server":"http://x:1",\
            "time":"2026-01-31T09:30:00Z","write":\(write)}}\n
            """
        }
        func outcome(_ low: Int, _ result: String) -> String {
            """
            {"outcome":{"attempt":"0197f3c2-5b1e-7c40-9d2a-00000000000\(low)",\
            "result":"\(result)","code":"x_later","time":"2026-01-31T09:30:00Z"}}\n
            """
        }
        let id = "0197f3c2-5b1e-7c40-9d2a-3f6b8e1c7a55"
        let fee = #"{"transfer":{"kind":"fee","id":"\#(id)","amount":"1"}}"#
        let limit = #"{"limit":{"account":"x"}}"#
        try await WriteTestHome.with { home in
            try home.writeJournal(
                intent(1, fee) + outcome(1, "done") + intent(2, limit) + outcome(2, "refused")
                    + #"{"note":{"text":"hello"}}"# + "\n")
            #expect(try await home.teller("pending").output == "Nothing is pending.\n")
            #expect(try await home.teller("resume").status == 0)
            let known = #"{"transfer":{"kind":"void","id":"\#(id)","hold":"\#(id)"}}"#
            try home.writeJournal(
                intent(1, fee) + intent(2, limit) + intent(3, limit) + outcome(3, "done")
                    + intent(4, known) + outcome(4, "frozen"))
            let (writes, damage) = try await home.journal.pending()
            #expect(damage.isEmpty)
            #expect(
                writes.map(\.intent.write.kind) == ["unknown: fee", "unknown: limit", "void"])
            #expect(writes.map(\.hasLaterOutcome) == [false, false, true])
            let pending = try await home.teller("pending")
            #expect(pending.status == 0, "\(pending.errors)")
            let resumed = try await home.teller("resume")
            #expect(resumed.status == 2)
            #expect(home.posts.isEmpty)
            let json = try await home.teller("pending", "--output", "json")
            #expect(json.output.contains(#""write":{"fee":{"id":"\#(id)"}}"#), "\(json.output)")
            let forgotten = try await home.teller("pending", "--forget", id)
            #expect(forgotten.status == 0, "\(forgotten.errors)")
        }
    }
}
