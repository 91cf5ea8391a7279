import BankClient
import Ledger
import Testing

@testable import Teller

/// `teller resume`, of which bank and to whom.
@Suite(.timeLimit(.minutes(10))) struct ResumeCommandTests {
    private let alice = FakeLedger.alice

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
            let server = try BankAddress(home.bank.url, source: .standard)
            try await home.journal.append([
                .intent(
                    JournalIntent(.linked(requests), ledger: home.ledger.id, server: server))
            ])
            let resumed = try await home.teller("resume")
            #expect(resumed.status == 0, "\(resumed.errors)")
            #expect(resumed.output.contains("linked"))
            #expect(home.posts.count == 1)
            let refused = "the account does not have enough available"
            #expect(resumed.output.contains(refused) == (refusal != nil), "\(resumed.output)")
            #expect(home.ledger.applied == (refusal == nil ? requests.map(\.id) : []))
            #expect(try await home.journal.pending().writes.isEmpty)
        }
    }

    /// The second may need what the first does: it is not asked for before that is known.
    @Test func resumeKeepsTheOrderOfWhatNamesOneAccount() async throws {
        try await WriteTestHome.with { home in
            try await home.strand(
                isApplied: false, ["deposit", "5", alice], ["deposit", "6", alice],
                ["deposit", "7", FakeLedger.bob])
            let before = home.posts.count
            home.ledger.fail(
                .init(
                    isApplied: false,
                    reply: .problem(
                        "503 Service Unavailable", "overloaded", tier: "balance-service")))
            let resumed = try await home.teller("resume")
            #expect(resumed.status == 2)
            #expect(resumed.errors.contains("3 writes are still UNKNOWN"))
            let posts = home.posts.dropFirst(before)
            #expect(posts.contains { $0.contains("\"5.00\"") })
            #expect(!posts.contains { $0.contains("\"6.00\"") })
            #expect(posts.contains { $0.contains("\"7.00\"") })
            home.ledger.fail(nil)
            #expect(try await home.teller("resume").status == 0)
            #expect(home.ledger.applied.count == 3)
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

    #if os(Linux)
    @Test(arguments: ["table", "json"])
    func whatIsSettledIsSaidThoughTheOutputIsGone(format: String) async throws {
        try await WriteTestHome.with { home in
            try await home.strand(["deposit", "5", alice], ["deposit", "6", alice])
            let teller = try await home.shell(
                """
                mkfifo "$XDG_STATE_HOME/p"; exec 3<>"$XDG_STATE_HOME/p"
                exec 4>"$XDG_STATE_HOME/p"; exec 3>&-
                exec "$teller" resume --output \(format) >&4
                """)
            let settled = format == "json" ? 2 : 1
            teller.expectFailure(
                74, saying: "\(settled) of 2 pending writes are settled, but cannot write")
            #expect(try await home.journal.pending().writes.count == 2 - settled)
        }
    }
    #endif
}
