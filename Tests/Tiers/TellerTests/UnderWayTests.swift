import Ledger
import Testing

@testable import Teller

/// What one teller is asking for is not settled by another: the first may be told that nothing was done,
/// and its person ask anew under another id.
@Suite(.timeLimit(.minutes(10))) struct UnderWayTests {
    private let words = "another teller is sending it right now"

    /// Runs `body` while a teller waits for the answer to a deposit that was not done, and then ends it
    /// as a crash would.
    private func whileUnderWay(
        _ home: WriteTestHome, _ body: () async throws -> Void
    ) async throws {
        let before = home.posts.count
        home.ledger.fail(.init(isApplied: false, reply: .silence))
        async let writer = home.shell(
            """
            "$teller" deposit 5 \(FakeLedger.alice) --timeout 60s & echo $! > "$XDG_STATE_HOME/pid"
            wait $!
            """)
        try await home.wait { home.posts.count == before + 1 }
        home.ledger.fail(nil)
        try await body()
        #expect(try await home.shell(#"kill -KILL "$(cat "$XDG_STATE_HOME/pid")""#).status == 0)
        #expect(try await writer.status == 128 + 9)
    }

    @Test func resumeLeavesIt() async throws {
        try await WriteTestHome.with { home in
            try await whileUnderWay(home) {
                let resumed = try await home.teller("resume")
                #expect(resumed.status == 2)
                #expect(resumed.output.contains(words), "\(resumed.output)")
                #expect(home.posts.count == 1)
            }
            #expect(try await home.teller("resume").status == 0)
            #expect(home.ledger.applied.count == 1)
            #expect(try await home.journal.pending().writes.isEmpty)
        }
    }

    /// What came after it may need what it does.
    @Test func resumeLeavesWhatFollowsIt() async throws {
        try await WriteTestHome.with { home in
            try await whileUnderWay(home) {
                try await home.strand(isApplied: false, ["deposit", "7", FakeLedger.alice])
                let before = home.posts.count
                #expect(try await home.teller("resume").status == 2)
                #expect(home.posts.count == before)
            }
            #expect(try await home.teller("resume").status == 0)
            #expect(home.ledger.applied.count == 2)
        }
    }

    @Test func itIsNotForgotten() async throws {
        try await WriteTestHome.with { home in
            var id = ""
            try await whileUnderWay(home) {
                id = try #require(
                    try await home.journal.pending().writes.first?.intent.write.ids.first
                )
                .description
                try await home.teller("pending", "--forget", id)
                    .expectFailure(75, saying: "nothing was forgotten: \(words)")
            }
            #expect(try await home.teller("pending", "--forget", id).status == 0)
        }
    }

    /// Others of the same journal do not wait for it.
    @Test func otherWritesAreDoneAndSettled() async throws {
        try await WriteTestHome.with { home in
            try await home.strand(["deposit", "7", FakeLedger.alice])
            try await whileUnderWay(home) {
                #expect(try await home.teller("deposit", "6", FakeLedger.alice).status == 0)
                let resumed = try await home.teller("resume")
                #expect(resumed.status == 2)
                #expect(try await home.journal.pending().writes.count == 1)
            }
        }
    }
}
