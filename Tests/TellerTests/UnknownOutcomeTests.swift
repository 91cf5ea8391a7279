import Ledger
import Synchronization
import Testing

@testable import Teller

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// An answer that is lost, and how it is found again.
@Suite(.timeLimit(.minutes(5))) struct UnknownOutcomeTests {
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
        Case(
            testDescription: "a later code for a bad request",
            reply: .problem("400 Bad Request", "vault_closed", tier: "bank-server")),
    ]

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
            #expect(forgotten.output.hasPrefix("Forgot deposit \(id), asked at"))
            let pending = try await home.teller("pending").output
            #expect(!pending.contains("\(id)"))
            #expect(try await home.teller("resume").status == 0)
            #expect(home.ledger.applied.count == 1)
            #expect(!home.ledger.applied.contains(id))
            let (writes, _) = try await home.journal.writes(of: home.ledger.id)
            #expect(writes.writes.count == 1)
            let again = try await home.teller("pending", "--forget", "\(id)")
            again.expectFailure(65, saying: "nothing is pending under \(id)")
            let wrong = try await home.teller("pending", "--forget", "x")
            wrong.expectFailure(64, saying: "--forget: an id is a UUID")
        }
    }

    @Test func leavesWhatAnotherBankIsToSay() async throws {
        try await WriteTestHome.with { home in
            try await home.strand(["deposit", "5", alice])
            let other = FakeLedger(8)
            try await FakeBank.serving(other.behave) { bank in
                let resumed = try await TellerProcess.run(
                    ["resume"], server: bank.url, environment: ["XDG_STATE_HOME": home.state])
                #expect(resumed.status == 2)
                #expect(resumed.output.contains("elsewhere"))
                #expect(resumed.output.contains("made at another bank, at \(home.bank.url)"))
                #expect(bank.requests.allSatisfy { $0.method == "GET" })
            }
            #expect(try await home.teller("resume").status == 0)
        }
    }

    @Test(arguments: [nil, Refusal.insufficientFunds])
    func resumeAsksForLinkedTransfersTogether(refusal: Refusal?) async throws {
        try await WriteTestHome.with { home in
            if let refusal { home.ledger.refuse(refusal) }
            let requests = try (1...3).map { number in
                TransferRequest(
                    id: Identifier(high: 0x0197_0000_0000_7000, low: 1 << 63 | number),
                    action: .deposit(
                        credit: try AccountNumber(alice),
                        amount: Money(minorUnits: 5, currency: .usd)))
            }
            let server = try BankAddress(home.bank.url, source: .flag)
            try await home.journal.append([
                JournalIntent(.linked(requests), ledger: home.ledger.id, server: server)
            ])
            let resumed = try await home.teller("resume")
            #expect(resumed.status == 0, "\(resumed.errors)")
            #expect(resumed.output.contains("linked"))
            #expect(home.posts.count == 1)
            let refused = "the account has not enough available"
            #expect(resumed.output.contains(refused) == (refusal != nil), "\(resumed.output)")
            #expect(home.ledger.applied == (refusal == nil ? requests.map(\.id) : []))
            #expect(try await home.journal.pending().writes.isEmpty)
        }
    }

    @Test func resumeSaysThatTheBankIsAway() async throws {
        try await WriteTestHome.with { home in
            try await home.strand(["deposit", "5", alice])
            let resumed = try await home.teller("resume", "--server", "http://127.0.0.1:1")
            resumed.expectFailure(2, saying: "1 write is still UNKNOWN: connection refused")
            home.ledger.fail(.init(isApplied: true, reply: .silence))
            let json = try await home.teller("resume", "--output", "json", "--timeout", "4s")
            #expect(json.output.contains(#""outcome":"unknown""#))
        }
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func aSignalEndsTheWaitAndLosesNothing(signal: Int32) async throws {
        try await WriteTestHome.with { home in
            home.ledger.fail(.init(isApplied: true, reply: .silence))
            let teller = try await stopped(by: signal, home)
            teller.expectFailure(2, saying: "UNKNOWN", "interrupted")
            home.ledger.fail(nil)
            #expect(try await home.teller("resume").status == 0)
            #expect(home.ledger.applied.count == 1)
        }
    }

    @Test(arguments: [true, false])
    func aKillBeforeTheAnswerLosesNothing(isApplied: Bool) async throws {
        try await WriteTestHome.with { home in
            home.ledger.fail(.init(isApplied: isApplied, reply: .silence))
            let teller = try await stopped(by: SIGKILL, home)
            #expect(teller.status == 128 + SIGKILL)
            #expect(try await home.journal.pending().writes.count == 1)
            home.ledger.fail(nil)
            #expect(try await home.teller("resume").status == 0)
            #expect(home.ledger.applied.count == 1)
        }
    }

    /// Kills before and after every step between the journal's first line and its last.
    @Test func aKillAtAnyInstantLosesNothing() async throws {
        try await WriteTestHome.with { home in
            // Later each time, until some kills come too late.
            var (milliseconds, completed, rounds) = (1, 0, 0)
            while completed < 3, rounds < 150 {
                let delay = "\(milliseconds / 1000)." + "\(1000 + milliseconds % 1000)".dropFirst()
                let teller = try await home.shell(
                    """
                    "$teller" transfer 25 \(alice) \(bob) --timeout 60s >/dev/null 2>&1 & pid=$!
                    sleep \(delay); kill -9 $pid 2>/dev/null; wait $pid
                    """)
                if teller.status == 0 { completed += 1 }
                milliseconds += 3 + milliseconds / 20
                rounds += 1
            }
            #expect(completed == 3)
            let asked = Mutex<[String]>([])
            let damage = try await home.journal.read { entry in
                guard case .intent(let intent) = entry else { return }
                asked.withLock { $0 += intent.write.ids.map(\.description) }
            }
            #expect(damage.isEmpty)
            #expect(asked.withLock { $0.count } >= completed)
            #expect(try await home.teller("resume").status == 0)
            // All that was written down was done, once, and nothing else.
            let done = home.ledger.applied.map(\.description)
            #expect(done.sorted() == asked.withLock { $0.sorted() })
            #expect(try await home.teller("pending").output == "Nothing is pending.\n")
        }
    }

    /// Runs a transfer and sends the signal when its request has arrived.
    private func stopped(by signal: Int32, _ home: WriteTestHome) async throws -> TellerProcess {
        async let teller = home.shell(
            """
            "$teller" transfer 25 \(alice) \(bob) --timeout 60s & echo $! >"$XDG_STATE_HOME/pid"
            wait $!
            """)
        try await home.wait(until: { home.posts.count == 1 })
        let text = try await home.shell(#"cat "$XDG_STATE_HOME/pid""#).output
        let pid = try #require(Int32(text.dropLast()))
        kill(pid, signal)
        return try await teller
    }
}
