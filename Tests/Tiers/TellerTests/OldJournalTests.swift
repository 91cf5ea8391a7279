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

/// A journal that teller 0.1.0 wrote, with transfers, holds and accounts that were done, refused, not
/// done, given up, and left open.
@Suite(.timeLimit(.minutes(10))) struct OldJournalTests {
    private static let ledger = Identifier("9ed35b7d-043e-4348-a710-b02fd12e8170")
    private static let zoe = "XB55DEMO0000001001"
    private static let later = "XB28DEMO0000001002"

    private func with(_ body: (WriteTestHome) async throws -> Void) async throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "journal-of-0.1.0")
        let text = try String(contentsOf: file, encoding: .utf8)
        let ledger = FakeLedger(id: try #require(Self.ledger))
        try await WriteTestHome.with(ledger) { home in
            try home.writeJournal(text)
            try await body(home)
        }
    }

    @Test func whatWasLeftOpenIsListedAndSettled() async throws {
        try await with { home in
            let (writes, damage) = try await home.journal.pending()
            #expect(damage.isEmpty)
            #expect(writes.map(\.intent.write.kind) == ["transfer", "close", "linked"])
            let pending = try await home.teller("pending")
            #expect(pending.output.contains("USD 8.00  XB45 DEMO 0000 0000 17 →"))
            let resumed = try await home.teller("resume")
            #expect(resumed.status == 0, "\(resumed.output)\(resumed.errors)")
            #expect(home.ledger.applied.count == 3)
            #expect(home.posts.first?.contains(#""memo":"killed é""#) == true)
            #expect(try await home.teller("pending").output == "Nothing is pending.\n")
        }
    }

    @Test func itIsHeldAgainstTheLedger() async throws {
        try await with { home in
            let id = home.ledger.id
            let (writes, _) = try await home.journal.writes(of: id)
            let done = writes.writes.values.filter { $0.settled == .acknowledged }
                .flatMap(\.requests).map { Transfer(RecordedTransfer.sample(of: $0)) }
            let behave: FakeBank.Behaviour = { request in
                func json(_ value: some Encodable) -> FakeBank.Reply {
                    .json(String(decoding: (try? BankJSON.encode(value)) ?? [], as: UTF8.self))
                }
                switch request.path {
                case BankRoute.audit:
                    let one = AuditReport.Invariant(
                        name: "one", counted: 1, broken: 0, example: nil)
                    return json(AuditReport(ledger: id, invariants: [one]))
                case BankRoute.transferLookup:
                    return json(TransferLookupAnswer(ledger: id, transfers: done))
                case BankRoute.bank: return json(Bank(bank: "DEMO", ledger: id))
                case let path where path.hasSuffix(Self.zoe):
                    return .json(Self.account(Self.zoe, "Zoë", "EUR", "100.00", isClosed: true))
                case let path where path.hasSuffix(Self.later):
                    return .json(Self.account(Self.later, "Later", "USD", "0.00"))
                default: return .reset
                }
            }
            try await FakeBank.serving(behave) { server in
                let audit = try await TellerProcess.run(
                    ["audit", "--journal", "--output", "json"], server: server.url,
                    environment: ["XDG_STATE_HOME": home.state])
                #expect(audit.status == 0, "\(audit.output)\(audit.errors)")
                #expect(audit.output.contains(#""pending":3"#), "\(audit.output)")
                #expect(audit.output.contains(#""of_accounts":1"#))
                for counted in [13, 4, 1, 2, 1] {
                    #expect(audit.output.contains(#""broken":0,"counted":\#(counted)"#))
                }
            }
        }
    }

    private static func account(
        _ number: String, _ name: String, _ currency: String, _ limit: String,
        isClosed: Bool = false
    ) -> String {
        let closed = isClosed ? #","closed_at":"2026-11-25T01:53:04Z""# : ""
        return """
            {"account":"\(number)","name":"\(name)","currency":"\(currency)","balance":"0",\
            "held":"0","overdraft_limit":"\(limit)","version":0,\
            "opened_at":"2026-11-25T01:53:04Z"\(closed)}
            """
    }
}
