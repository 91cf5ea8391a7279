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

/// A teller that is stopped while it waits for an answer.
@Suite(.timeLimit(.minutes(10))) struct InterruptedWriteTests {
    private let alice = FakeLedger.alice
    private let bob = FakeLedger.bob

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

    @Test(arguments: [SIGINT, SIGTERM])
    func resumeSaysWhatIsStillUnknown(signal: Int32) async throws {
        try await WriteTestHome.with { home in
            try await home.strand(["deposit", "5", alice], ["deposit", "6", alice])
            home.ledger.fail(.init(isApplied: true, reply: .silence))
            let before = home.posts.count
            let teller = try await stopped(
                by: signal, home, running: "resume", when: { home.posts.count > before })
            #expect(teller.status == 2, "\(teller.errors)")
            #expect(teller.errors.contains("interrupted: 2 writes are still UNKNOWN"))
            for write in try await home.journal.pending().writes {
                let id = try #require(write.intent.write.ids.first)
                #expect(teller.output.contains("? unknown    deposit     \(id)"))
            }
            home.ledger.fail(nil)
            #expect(try await home.teller("resume").status == 0)
        }
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func beforeAnythingIsSentThatIsSaid(signal: Int32) async throws {
        try await WriteTestHome.with { home in
            try await FakeBank.serving { _ in
                .silence
            } _: { silent in
                let teller = try await stopped(
                    by: signal, home,
                    running: "deposit 5 \(alice) --server \(silent.url)",
                    when: { !silent.requests.isEmpty })
                teller.expectFailure(130, saying: "interrupted", "nothing was sent")
                #expect(home.lines.isEmpty)
            }
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
        try await stopped(
            by: signal, home, running: "transfer 25 \(alice) \(bob)",
            when: { home.posts.count == 1 })
    }

    private func stopped(
        by signal: Int32, _ home: WriteTestHome, running command: String,
        when condition: () async throws -> Bool
    ) async throws -> TellerProcess {
        async let teller = home.shell(
            """
            "$teller" \(command) --timeout 60s & echo $! >"$XDG_STATE_HOME/pid"
            wait $!
            """)
        try await home.wait(until: condition)
        let text = try await home.shell(#"cat "$XDG_STATE_HOME/pid""#).output
        let pid = try #require(Int32(text.dropLast()))
        kill(pid, signal)
        return try await teller
    }
}
