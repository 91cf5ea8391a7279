import BankAPI
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

/// A file of transfers that stopped midway, and how it goes on.
@Suite(.timeLimit(.minutes(10))) struct FileRepetitionTests {
    private static let base = "0197f3c2-5b1e-7c40-9d2a-3f6b8e1c7afe"

    @Test func aFileThatStoppedGoesOnAndDoesNothingTwice() async throws {
        try await BatchHome.with { home in
            let file = BatchHome.csv((1...1_100).map { "\($0 + 1_000)" })
            home.bank.answer(1)
            let first = try await home.transfer(file, "--timeout", "60s")
            #expect(first.status == 2)
            #expect(
                first.errors.contains("500 done, 500 unknown, 100 not done; nothing was sent from"))
            #expect(first.errors.contains("nothing was sent from line 1002 on"))
            let words = first.errors.split(separator: " ").map(String.init)
            let index = try #require(words.lastIndex(of: "--id"))
            let base = words[index + 1]
            #expect(first.errorLines.first?.contains("the ids count up from \(base)") == true)
            #expect(home.bank.done.count == 500)

            home.bank.answer(nil)
            let second = try await home.transfer(file, "--id", base)
            #expect(second.status == 0, "\(second.errors)")
            #expect(second.output.contains("\n1,100 done at bank DEMO at "))
            // What was done has the ids that it had, and what was unknown is settled.
            #expect(home.bank.done.count == 1_100)
            #expect(try await home.home.journal.pending().writes.isEmpty)
        }
    }

    @Test(arguments: [[], ["--atomic"]])
    func linesWithoutIDsCountUp(arguments: [String]) async throws {
        try await BatchHome.with { home in
            let own = Identifier.now()
            try home.writeFile(
                """
                amount,from,to,id
                1,\(BatchHome.alice),\(BatchHome.bob),
                2,\(BatchHome.alice),\(BatchHome.bob),\(own)
                3,\(BatchHome.alice),\(BatchHome.bob),
                """)
            let teller = try await TellerProcess.run(
                ["transfer", "--file", home.path, "--id", Self.base] + arguments,
                server: home.server.url, environment: ["XDG_STATE_HOME": home.home.state])
            #expect(teller.status == 0, "\(teller.errors)")
            #expect(teller.errors.isEmpty)
            #expect(
                home.bank.batches.first?.transfers.map(\.id.description) == [
                    Self.base, own.description, "0197f3c2-5b1e-7c40-9d2a-3f6b8e1c7b00",
                ])
        }
    }

    @Test func anIDThatTheBaseReachesIsRefused() async throws {
        try await BatchHome.with { home in
            let own = "0197f3c2-5b1e-7c40-9d2a-3f6b8e1c7aff"
            let text = """
                amount,from,to,id
                1,\(BatchHome.alice),\(BatchHome.bob),\(own)
                2,\(BatchHome.alice),\(BatchHome.bob),
                """
            let teller = try await home.transfer(text, "--id", Self.base, "--atomic")
            teller.expectFailure(65, saying: "line 3: id: line 2 has it already")
        }
    }

    @Test func aBaseWithoutRoomIsRefused() async throws {
        try await BatchHome.with { home in
            let last = "0197f3c2-5b1e-7c40-bfff-ffffffffffff"
            let teller = try await home.transfer(BatchHome.csv("1", "2"), "--id", last)
            teller.expectFailure(64, saying: "--id: fewer ids follow", "nothing was sent")
            #expect(home.server.requests.isEmpty)
            let one = try await home.transfer(BatchHome.csv("1"), "--id", last)
            #expect(one.status == 0, "\(one.errors)")
            let none = try await home.transfer(BatchHome.csv("1"), "--id", "x")
            none.expectFailure(64, saying: "an id is a UUID")
        }
    }

    @Test func aFileWithIDsNeedsNone() async throws {
        try await BatchHome.with { home in
            home.bank.lose(true)
            let line = "1,\(BatchHome.alice),\(BatchHome.bob),\(Identifier.now())"
            let teller = try await home.transfer(
                "amount,from,to,id\n\(line)\n", "--timeout", "60s")
            #expect(teller.errorLines.count == 1, "\(teller.errors)")
            #expect(teller.errors.contains("the same file again, unchanged, goes on"))
        }
    }

    @Test func theAdviceForAGroupRepeatsItAsOne() async throws {
        try await BatchHome.with { home in
            home.bank.lose(true)
            let file = BatchHome.csv("1", "2")
            let first = try await home.transfer(file, "--atomic", "--timeout", "60s")
            #expect(first.status == 2)
            let words = first.errors.split(separator: " ").map(String.init)
            let index = try #require(words.lastIndex(of: "--id"))
            #expect(words[index - 1] == "--atomic")
            #expect(first.errors.contains("does all of it or none, and nothing twice"))
            home.bank.lose(false)
            let second = try await home.transfer(file, "--atomic", "--id", words[index + 1])
            #expect(second.status == 0, "\(second.errors)")
            #expect(home.bank.done.count == 2)
        }
    }

    @Test func whatToDoAboutInvalidLinesIsSaidWhateverElseThereIs() async throws {
        try await BatchHome.with { home in
            let teller = try await home.transfer(
                BatchHome.csv("888", "0"), "--timeout", "60s")
            #expect(teller.status == 2)
            #expect(
                teller.errors.contains(
                    "1 unknown, 1 invalid, at bank DEMO at \(home.server.url); 'teller resume'"))
            #expect(teller.errors.contains("; correct the invalid lines"), "\(teller.errors)")
        }
    }

    #if os(Linux)
    /// Nobody reads the output, ever.
    @Test func aSecondSignalEndsARunThatWaitsForAReader() async throws {
        try await BatchHome.with { home in
            try home.writeFile(BatchHome.csv((1...1_100).map { "\($0 + 1_000)" }))
            async let running = TellerProcess.shell(
                """
                cd "$XDG_STATE_HOME"; mkfifo pipe; exec 3<>pipe
                "$teller" transfer --file file --output json >pipe & echo $! >pid
                wait "$(cat pid)"
                """, server: home.server.url, environment: ["XDG_STATE_HOME": home.home.state])
            try await home.home.wait(until: { home.home.lines.count == 1_001 })
            let text = try String(contentsOfFile: "\(home.home.state)/pid", encoding: .utf8)
            let pid = try #require(Int32(text.dropLast()))
            kill(pid, SIGTERM)
            try await home.home.wait(until: {
                let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
                return status.contains("ShdPnd:\t0000000000000000")
            })
            // Again and again, as a person would: two that come at once may count as one.
            try await home.home.wait(until: {
                kill(pid, SIGTERM)
                let path = "/proc/\(pid)/status"
                let status = try? String(contentsOfFile: path, encoding: .utf8)
                return status?.contains("State:\tZ") ?? true
            })
            #expect(try await running.status == 128 + SIGTERM)
            #expect(home.bank.batches.count == 1)
            #expect(try await home.home.journal.pending().writes.isEmpty)
        }
    }

    /// The output of the first batch waits for a reader while the signal comes.
    @Test(arguments: [SIGINT, SIGTERM])
    func noBatchIsSentAfterASignal(signal: Int32) async throws {
        try await BatchHome.with { home in
            try home.writeFile(BatchHome.csv((1...1_100).map { "\($0 + 1_000)" }))
            async let running = TellerProcess.shell(
                """
                cd "$XDG_STATE_HOME"; mkfifo pipe; exec 3<>pipe
                "$teller" transfer --file file --output json >pipe 3>&- & echo $! >pid
                until [ -e go ]; do sleep 0.05; done
                exec 4<pipe; cat <&4 >output 3>&- & exec 3>&- 4<&-
                wait "$(cat pid)"
                """, server: home.server.url, environment: ["XDG_STATE_HOME": home.home.state])
            // The file, and an intent and an outcome for each line of the batch.
            try await home.home.wait(until: { home.home.lines.count == 1_001 })
            let text = try String(contentsOfFile: "\(home.home.state)/pid", encoding: .utf8)
            let pid = try #require(Int32(text.dropLast()))
            kill(pid, signal)
            try await home.home.wait(until: {
                let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
                return status.contains("ShdPnd:\t0000000000000000")
            })
            try Data().write(to: URL(filePath: "\(home.home.state)/go"))
            let teller = try await running
            #expect(teller.status == 130, "\(teller.errors)")
            #expect(
                teller.errors.contains(
                    "500 done, 600 not done; nothing was sent from line 502 on: interrupted"))
            #expect(home.bank.batches.count == 1)
            #expect(try await home.home.journal.pending().writes.isEmpty)
        }
    }
    #endif
}
