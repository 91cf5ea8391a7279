import BankAPI
import Chain
import Ledger
import Testing

@testable import Teller

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Whose a request of the journal is, and who may ask for it again.
@Suite(.timeLimit(.minutes(10))) struct JournalOwnersTests {
    private let alice = FakeLedger.alice
    private static let savings = "01a21068-20fc-7dc0-99b5-488d78400c8b"

    /// A journal of this version, by two people and from before there were any.
    private func with(_ body: (WriteTestHome) async throws -> Void) async throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "journal-with-people")
        let text = try String(contentsOf: file, encoding: .utf8)
        try await WriteTestHome.with { home in
            try home.writeJournal(text)
            try await body(home)
        }
    }

    @Test func whatIsWhoseIsListed() async throws {
        try await with { home in
            let (writes, damage) = try await home.journal.pending()
            #expect(damage.isEmpty)
            #expect(writes.map(\.intent.user) == ["alice", "operator", nil])
            let pending = try await home.teller("pending")
            #expect(pending.output.contains("WHOSE"), "\(pending.output)")
            #expect(pending.output.contains("USD Savings, of alice"))
            let json = try await home.teller("pending", "--output", "json")
            #expect(json.output.contains(#""user":"operator""#))
        }
    }

    @Test func theAuditSaysWhoseThePendingOnesAre() async throws {
        try await with { home in
            let (writes, damage) = try await home.journal.writes(of: home.ledger.id)
            var audit = JournalAudit(of: writes, damage)
            for write in writes.writes.values where write.settled == .pending {
                if write.requests.isEmpty {
                    audit.check(write, nil as Account?)
                } else {
                    audit.check(write, [:])
                }
            }
            #expect(
                audit.note
                    == "Journal: 3 pending, of alice, operator: 'teller resume' settles them.")
        }
    }

    /// What is nobody's is hers who resumes it.
    @Test func eachResumesHerOwn() async throws {
        try await with { home in
            try home.signIn("operator")
            let resumed = try await home.teller("resume")
            #expect(resumed.status == 2)
            #expect(
                resumed.errors
                    == "teller: 1 write is still UNKNOWN; sign in with 'teller login NAME', and "
                    + "resume again\n")
            #expect(resumed.output.contains("it is alice's: 'teller login alice' first"))
            #expect(home.posts.count == 2)
            #expect(home.posts.contains { $0.contains(#""owner":"alice""#) })
            #expect(home.lines.filter { $0.contains(#""user":"operator""#) }.count == 2)
            #expect(try await home.journal.pending().writes.map(\.intent.user) == ["alice"])

            try home.signIn("alice")
            #expect(try await home.teller("resume").status == 0)
            #expect(home.posts.count == 3)
            #expect(try await home.teller("pending").output == "Nothing is pending.\n")
        }
    }

    @Test func anothersRequestIsNotRepeated() async throws {
        try await with { home in
            try home.signIn("bruno")
            let teller = try await home.teller(
                "open", "--name", "Savings", "--currency", "USD", "--id", Self.savings)
            teller.expectFailure(
                77, saying: "\(Self.savings) is operator's", "teller login operator",
                "nothing was sent")
            #expect(home.posts.isEmpty)
        }
    }

    /// Nothing is known by it, and nobody has it for that.
    @Test func whereTheSessionHasEndedAllStaysPending() async throws {
        try await WriteTestHome.with { home in
            try await home.strand(["deposit", "5", alice], ["deposit", "6", FakeLedger.bob])
            try home.signIn("alice")
            home.ledger.fail(
                .init(
                    isApplied: false,
                    reply: .problem(
                        "401 Unauthorized", "unauthenticated", tier: "balance-service",
                        detail: "The session has ended.")))
            let before = home.posts.count
            let resumed = try await home.teller("resume")
            #expect(resumed.status == 2)
            #expect(resumed.errors.contains("2 writes are still UNKNOWN; sign in with"))
            #expect(resumed.output.contains("the session has ended"))
            #expect(home.posts.count == before + 1)
            #expect(try await home.journal.pending().writes.map(\.intent.user) == [nil, nil])
            home.ledger.fail(nil)
            try home.signIn("bruno")
            #expect(try await home.teller("resume").status == 0)
            #expect(try await home.journal.pending().writes.isEmpty)
        }
    }

    /// It may be done, and the bank tells that to others only.
    @Test func whatMayBeAnothersIsNotTakenForRefused() async throws {
        try await WriteTestHome.with { home in
            try await home.strand(["deposit", "5", alice])
            try home.signIn("bruno")
            home.ledger.fail(
                .init(
                    isApplied: false,
                    reply: .problem(
                        "422 Unprocessable Content", "id_used_with_other_content",
                        tier: "balance-service")))
            let resumed = try await home.teller("resume")
            #expect(resumed.status == 2)
            #expect(resumed.output.contains("may not see what became of it"), "\(resumed.output)")
            #expect(try await home.journal.pending().writes.map(\.intent.user) == [nil])
            home.ledger.fail(nil)
            try home.signIn("alice")
            #expect(try await home.teller("resume").status == 0)
        }
    }

    /// As long as nobody knows whether it was done, it is hers.
    @Test func whatWasResumedInVainIsHers() async throws {
        try await WriteTestHome.with { home in
            try await home.strand(["deposit", "5", alice])
            try home.signIn("alice")
            let lost = FakeBank.Reply.problem(
                "504 Gateway Timeout", "outcome_unknown", tier: "postgresql")
            home.ledger.fail(.init(isApplied: true, reply: lost))
            #expect(try await home.teller("resume", "--timeout", "30s").status == 2)
            home.ledger.fail(nil)
            try home.signIn("bruno")
            let resumed = try await home.teller("resume")
            #expect(resumed.output.contains("it is alice's"), "\(resumed.output)")
            try home.signIn("alice")
            #expect(try await home.teller("resume").status == 0)
            #expect(home.ledger.applied.count == 1)
        }
    }

    @Test func ofATokenTheBankSaysWhoseItIs() async throws {
        try await WriteTestHome.with { home in
            let identity = FakeIdentity()
            let token = try identity.signIn()
            let behave: FakeBank.Behaviour = { request in
                request.path == BankRoute.me
                    ? identity.behave(request) : home.ledger.behave(request)
            }
            try await FakeBank.serving(behave) { bank in
                let teller = try await TellerProcess.run(
                    ["close", alice], server: bank.url,
                    environment: [
                        "XDG_STATE_HOME": home.state, "TELLER_TOKEN": token.secret.text,
                    ])
                #expect(teller.status == 0, "\(teller.errors)")
                #expect(bank.requests.count { $0.path == BankRoute.me } == 1)
                #expect(home.lines.first?.contains(#""user":"alice""#) == true)
                let open = bank.requests.filter { $0.path == BankRoute.bank }
                #expect(open.allSatisfy { $0.headers["authorization"] == nil })
            }
        }
    }

    @Test func anothersFileIsNotGoneOnWith() async throws {
        try await BatchHome.with { home in
            try home.writeFile(BatchHome.csv("1", "2"))
            try home.home.signIn("alice", at: BatchBank.ledger, home.server.url)
            #expect(try await home.teller("transfer", "--file", home.path).status == 0)
            try home.home.signIn("bruno", at: BatchBank.ledger, home.server.url)
            let teller = try await home.teller("transfer", "--file", home.path)
            teller.expectFailure(
                77, saying: "this file is alice's", "nothing was sent", "--again does all of it")
        }
    }
}
