import Ledger
import Testing

@testable import Teller

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The journal's file, whole and damaged.
@Suite(.serialized, .timeLimit(.minutes(10))) struct JournalTests {
    private let alice = FakeLedger.alice

    @Test func isForThisUserOnly() async throws {
        try await WriteTestHome.with { home in
            let teller = try await home.teller("deposit", "5", alice)
            #expect(teller.status == 0)
            #expect(try mode(home.journalPath) == 0o600)
            #expect(try mode("\(home.state)/teller") == 0o700)
        }
    }

    @Test(arguments: [
        (#"mkdir -p "$XDG_STATE_HOME/teller/journal""#, Int32(73), "Is a directory"),
        (#"rmdir "$XDG_STATE_HOME"; touch "$XDG_STATE_HOME""#, 73, "Not a directory"),
        (
            #"mkdir "$XDG_STATE_HOME/teller"; ln -s /dev/full "$XDG_STATE_HOME/teller/journal""#,
            73, "is not a file"
        ),
        (
            #"mkdir "$XDG_STATE_HOME/teller"; mkfifo "$XDG_STATE_HOME/teller/journal""#, 73,
            "is not a file"
        ),
        (#"ulimit -f 0"#, 74, "File too large"),
        (#"XDG_STATE_HOME=/proc/none; export XDG_STATE_HOME"#, 73, "No such file"),
    ])
    func withoutItNothingIsSent(set: String, status: Int32, words: String) async throws {
        try await WriteTestHome.with { home in
            let teller = try await home.shell("\(set); exec \"$teller\" deposit 5 \(alice)")
            teller.expectFailure(status, saying: "nothing was sent: the journal", words)
            #expect(home.posts.isEmpty)
        }
    }

    @Test func aFullDiskLeavesTheJournalAsItWas() async throws {
        try await WriteTestHome.with { home in
            // Up to a few bytes before the limit, so that a part of the next line still fits.
            let filler = String(repeating: "x", count: 1000) + "\n"
            try home.writeJournal(filler)
            let teller = try await home.shell("ulimit -f 2; exec \"$teller\" deposit 5 \(alice)")
            teller.expectFailure(74, saying: "nothing was sent", "File too large")
            #expect(try String(contentsOfFile: home.journalPath, encoding: .utf8) == filler)
            #expect(home.posts.isEmpty)
        }
    }

    @Test func anotherTellerThatHoldsItIsWaitedFor() async throws {
        try await WriteTestHome.with { home in
            try home.writeJournal("")
            let teller = try await home.shell(
                """
                exec 9<"$XDG_STATE_HOME/teller/journal"; flock -x 9
                "$teller" deposit 5 \(alice) --timeout 30s & sleep 0.3; flock -u 9; wait $!
                """)
            #expect(teller.status == 0, "\(teller.errors)")
        }
    }

    @Test func manyAtOnceKeepTheirLinesApart() async throws {
        try await WriteTestHome.with { home in
            let teller = try await home.shell(
                """
                for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
                "$teller" deposit 5 \(alice) --timeout 60s >/dev/null & done; wait
                """)
            #expect(teller.errors.isEmpty)
            #expect(home.lines.count == 24)
            let pending = try await home.journal.pending()
            #expect(pending.writes.isEmpty)
            #expect(pending.damage.isEmpty)
        }
    }

    @Test func aTruncatedLineIsSaidAndHurtsNothing() async throws {
        try await WriteTestHome.with { home in
            try await home.strand(["deposit", "5", alice])
            try home.writeJournal(home.lines[0] + "\n" + #"{"intent":{"attempt":"0197"#)
            let pending = try await home.teller("pending")
            #expect(pending.status == 65)
            #expect(pending.errors.contains("line 2 of the journal"))
            #expect(pending.errors.contains("may have been sent"))
            #expect(pending.errors.contains("breaks off"))
            #expect(pending.output.contains("deposit"))
            // Appended to, it stays a line of its own.
            #expect(try await home.teller("deposit", "6", alice).status == 0)
            #expect(home.lines.count == 4)
            let resumed = try await home.teller("resume")
            #expect(resumed.status == 65)
            #expect(resumed.errors.contains("line 2 of the journal"))
            #expect(home.ledger.applied.count == 2)
            #expect(try await home.teller("resume").status == 65)
        }
    }

    @Test func aLastLineWithoutItsEndIsALine() async throws {
        try await WriteTestHome.with { home in
            try await home.strand(["deposit", "5", alice])
            try home.writeJournal(home.lines[0])
            #expect(try await home.journal.pending().writes.count == 1)
            let resumed = try await home.teller("resume")
            #expect(resumed.status == 0, "\(resumed.errors)")
            #expect(home.ledger.applied.count == 1)
            let settled = try await home.journal.pending()
            #expect(settled.writes.isEmpty)
            #expect(settled.damage.isEmpty)
        }
    }

    @Test func isReadOnlyWhileNobodyAppends() async throws {
        try await WriteTestHome.with { home in
            try await home.strand(["deposit", "5", alice])
            let line = home.lines[0]
            try home.writeJournal(String(line.dropLast(9)))
            let pending = try await home.shell(
                """
                journal="$XDG_STATE_HOME/teller/journal"; exec 9<"$journal"; flock -x 9
                "$teller" pending & sleep 1; echo '\(line.suffix(9))' >>"$journal"; flock -u 9
                wait $!
                """)
            #expect(pending.status == 0, "\(pending.errors)")
            #expect(pending.output.contains("deposit"))
        }
    }

    @Test(arguments: ["", "{}", "x", "\u{0}", #"{"outcome":{"attempt":"x"}}"#, "[]", "null"])
    func aDamagedLineIsNamedAndPassedOver(line: String) async throws {
        try await WriteTestHome.with { home in
            try await home.strand(
                isApplied: false, ["deposit", "5", alice], ["deposit", "6", alice])
            try home.writeJournal("\(home.lines[0])\n\(line)\n\(home.lines[1])\n")
            let resumed = try await home.teller("resume")
            #expect(resumed.status == 65)
            #expect(resumed.errors.contains("line 2 of the journal"))
            #expect(resumed.errors.contains("is passed over"))
            #expect(home.ledger.applied.count == 2)
        }
    }

    @Test func anOutcomeThatCannotBeWrittenIsStillSaid() async throws {
        try await WriteTestHome.with { home in
            // Room for the intent and not for its outcome.
            try #require(await home.teller("deposit", "5", alice).status == 0)
            let used = home.lines[0].utf8.count
            try home.writeJournal(String(repeating: "x", count: 1024 - used - 20) + "\n")
            let teller = try await home.shell(
                "ulimit -f 2; exec \"$teller\" deposit 5 \(alice)")
            #expect(teller.status == 0, "\(teller.errors)")
            #expect(teller.output.hasPrefix("Deposited"))
            #expect(teller.errors.contains("the outcome is not in the journal"))
            // The line that fills it up is invalid.
            #expect(try await home.teller("resume").status == 65)
            #expect(home.ledger.applied.count == 2)
        }
    }

    @Test func nothingDoneThatCannotBeWrittenIsUnknown() async throws {
        try await WriteTestHome.with { home in
            // Room for the intent and not for its outcome.
            try #require(await home.teller("deposit", "5", alice).status == 0)
            let used = home.lines[0].utf8.count
            try home.writeJournal(String(repeating: "x", count: 1024 - used - 20) + "\n")
            home.ledger.fail(
                .init(
                    isApplied: false,
                    reply: .problem(
                        "503 Service Unavailable", "overloaded", tier: "bank-server",
                        more: "retry-after: 60\r\n")))
            let teller = try await home.shell(
                "ulimit -f 2; exec \"$teller\" deposit 5 \(alice)")
            teller.expectFailure(
                2, saying: "UNKNOWN: nothing was done (the bank is busy)",
                "is still in the journal", "'teller resume' would do it", "do not ask anew")
            #expect(try await home.journal.pending().writes.count == 1)
        }
    }

    @Test func theWaitForTheJournalIsNotTheBanks() async throws {
        try await WriteTestHome.with { home in
            try home.writeJournal("")
            let teller = try await home.shell(
                """
                exec 9<"$XDG_STATE_HOME/teller/journal"; flock -x 9
                "$teller" deposit 5 \(alice) --timeout 2s & sleep 3; flock -u 9; wait $!
                """)
            #expect(teller.status == 0, "\(teller.errors)")
        }
    }

    private func mode(_ path: String) throws -> mode_t {
        var info = stat()
        try #require(stat(path, &info) == 0)
        return info.st_mode & 0o777
    }
}
