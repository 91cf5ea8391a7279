import Ledger
import Testing

@testable import Teller

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// An answer that is lost, and how it is found again.
@Suite(.timeLimit(.minutes(10))) struct UnknownOutcomeTests {
    private let alice = FakeLedger.alice
    private let bob = FakeLedger.bob

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var reply: FakeBank.Reply
    }

    static let lost = [
        Case(testDescription: "closes", reply: .bytes("", closes: true)),
        Case(testDescription: "resets", reply: .reset),
        Case(testDescription: "hangs", reply: .silence),
        Case(testDescription: "garbage", reply: .bytes("SSH-2.0-x\r\n\r\n", closes: true)),
        Case(testDescription: "half a head", reply: .bytes("HTTP/1.1 200 OK\r\nco", closes: true)),
        Case(testDescription: "other JSON", reply: .json(#"{"ok":true}"#)),
        Case(
            testDescription: "a proxy",
            reply: .answer("503 Service Unavailable", type: "text/html", body: "<p>")),
        Case(
            testDescription: "outcome_unknown",
            reply: .problem("504 Gateway Timeout", "outcome_unknown", tier: "postgresql")),
        Case(
            testDescription: "a mistake",
            reply: .problem("500 Internal Server Error", "internal", tier: "balance-service")),
        Case(
            testDescription: "a later code",
            reply: .problem("503 Service Unavailable", "vault_closed", tier: "bank-server")),
    ]

    @Test func anotherAmountIsUnknownAndResumed() async throws {
        let ledger = FakeLedger()
        try await WriteTestHome.with(ledger) { home in
            let lying: FakeBank.Behaviour = { request in
                guard case .answer(_, _, let body, _) = ledger.behave(request) else {
                    return .reset
                }
                return .json(
                    request.method == "POST" ? body.replacing("\"25.00\"", with: "\"26.00\"") : body
                )
            }
            try await FakeBank.serving(lying) { liar in
                for _ in 1...2 {
                    let command =
                        try await home.journal.pending().writes.isEmpty
                        ? ["transfer", "25", FakeLedger.alice, FakeLedger.bob] : ["resume"]
                    let teller = try await TellerProcess.run(
                        command + ["--timeout", "60s"], server: liar.url,
                        environment: ["XDG_STATE_HOME": home.state])
                    #expect(teller.status == 2, "\(teller.errors)")
                    #expect((teller.output + teller.errors).contains("about another transfer"))
                }
            }
            #expect(try await home.teller("resume").status == 0)
            #expect(ledger.applied.count == 1)
        }
    }

    @Test(arguments: lost, [true, false])
    func isUnknownUntilResumeSettlesIt(example: Case, isApplied: Bool) async throws {
        try await WriteTestHome.with { home in
            home.ledger.fail(.init(isApplied: isApplied, reply: example.reply))
            let teller = try await home.teller("transfer", "25", alice, bob, "--timeout", "4s")
            let pending = try await home.journal.pending().writes
            let id = try #require(pending.first?.intent.write.ids.first)
            teller.expectFailure(
                2, saying: "UNKNOWN: transfer \(id) may or may not have been done",
                "'teller resume' settles it")
            #expect(pending.count == 1)
            let listed = try await home.teller("pending")
            #expect(listed.status == 0)
            #expect(listed.output.contains("\(id)   USD 25.00"))
            let failing = try await home.teller("resume", "--timeout", "300ms")
            #expect(failing.status == 2)

            home.ledger.fail(nil)
            let resumed = try await home.teller("resume")
            #expect(resumed.status == 0, "\(resumed.errors)")
            #expect(resumed.output.hasPrefix("  ✓ done       transfer    \(id)"))
            #expect(home.ledger.applied == [id])
            #expect(try await home.teller("pending").output == "Nothing is pending.\n")
            #expect(try await home.teller("resume").status == 0)
        }
    }

    @Test func asksAgainItselfWithTheSameContent() async throws {
        try await WriteTestHome.with { home in
            home.ledger.failNext(
                .init(isApplied: true, reply: .bytes("", closes: true)),
                .init(
                    isApplied: false,
                    reply: .problem("503 Service Unavailable", "overloaded", tier: "bank-server")))
            let teller = try await home.teller("transfer", "25", alice, bob)
            #expect(teller.status == 0, "\(teller.errors)")
            #expect(home.posts.count == 3)
            #expect(Set(home.posts).count == 1)
            #expect(home.ledger.applied.count == 1)
        }
    }

    @Test func anIdThatIsTakenSettlesAnAnswerThatWasLost() async throws {
        try await WriteTestHome.with { home in
            home.ledger.failNext(
                .init(isApplied: false, reply: .bytes("", closes: true)),
                .init(
                    isApplied: false,
                    reply: .problem(
                        "409 Conflict", "id_used_with_other_content", tier: "balance-service")))
            let teller = try await home.teller("transfer", "25", alice, bob)
            teller.expectFailure(1, saying: "refused")
            #expect(home.posts.count == 2)
            #expect(try await home.journal.pending().writes.isEmpty)
        }
    }

    @Test func aBankThatIsBusyAfterwardsLeavesItUnknown() async throws {
        try await WriteTestHome.with { home in
            home.ledger.failNext(.init(isApplied: true, reply: .reset))
            home.ledger.fail(
                .init(
                    isApplied: false,
                    reply: .problem("503 Service Unavailable", "overloaded", tier: "bank-server")))
            let teller = try await home.teller("transfer", "25", alice, bob, "--timeout", "30s")
            teller.expectFailure(2, saying: "UNKNOWN")
            #expect(try await home.journal.pending().writes.count == 1)
        }
    }

    @Test(arguments: [
        ("503 Service Unavailable", "overloaded", Int32(75)),
        ("400 Bad Request", "vault_closed", 76),
        ("503 Service Unavailable", "balance_service_unavailable", 69),
        ("504 Gateway Timeout", "deadline_exceeded", 75), ("409 Conflict", "other_ledger", 65),
        ("400 Bad Request", "request_invalid", 65), ("413 Content Too Large", "body_too_large", 65),
    ])
    func aDefiniteFailureLeavesNothingPending(
        http: String, code: String, status: Int32
    ) async throws {
        try await WriteTestHome.with { home in
            home.ledger.fail(
                .init(
                    isApplied: false,
                    reply: .problem(http, code, tier: "bank-server", more: "retry-after: 60\r\n")))
            let teller = try await home.teller("transfer", "25", alice, bob)
            #expect(teller.status == status, "\(teller.errors)")
            #expect(home.lines.last?.contains(#""result":"nothing_done""#) == true)
            #expect(try await home.journal.pending().writes.isEmpty)
        }
    }

    @Test func aLaterDefiniteFailureDoesNotSettleAnEarlierTry() async throws {
        let id = "0197f3c2-5b1e-7c40-9d2a-3f6b8e1c7a55"
        try await WriteTestHome.with { home in
            try await home.strand(["transfer", "25", alice, bob, "--id", id])
            home.ledger.fail(
                .init(
                    isApplied: false,
                    reply: .problem("504 Gateway Timeout", "deadline_exceeded", tier: "x")))
            let again = try await home.teller("transfer", "25", alice, bob, "--id", id)
            #expect(again.status == 75)
            #expect(try await home.journal.pending().writes.count == 1)
            home.ledger.fail(nil)
            let last = try await home.teller("transfer", "25", alice, bob, "--id", id)
            #expect(last.status == 0)
            #expect(try await home.journal.pending().writes.isEmpty)
        }
    }

    @Test func whatIsForgottenIsNamedNoMore() async throws {
        try await WriteTestHome.with { home in
            try await home.strand(
                isApplied: false, ["deposit", "5", alice], ["deposit", "6", alice])
            let first = try #require(try await home.journal.pending().writes.first)
            let id = try #require(first.intent.write.ids.first)
            let forgotten = try await home.teller("pending", "--forget", "\(id)")
            #expect(forgotten.status == 0, "\(forgotten.errors)")
            #expect(forgotten.output.hasPrefix("Forgot deposit \(id), sent to"))
            let pending = try await home.teller("pending").output
            #expect(!pending.contains("\(id)"))
            #expect(try await home.teller("resume").status == 0)
            #expect(home.ledger.applied.count == 1)
            #expect(!home.ledger.applied.contains(id))
            let (writes, _) = try await home.journal.writes(of: home.ledger.id)
            #expect(writes.writes.count == 1)
            let again = try await home.teller("pending", "--forget", "\(id)")
            again.expectFailure(65, saying: "there is no pending request \(id)")
            let wrong = try await home.teller("pending", "--forget", "x")
            wrong.expectFailure(64, saying: "--forget: an id is a UUID")
        }
    }
}
