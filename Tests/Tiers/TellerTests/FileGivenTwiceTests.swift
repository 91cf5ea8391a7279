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

/// A file of transfers that is given twice, by mistake or to go on: the journal knows it.
@Suite(.timeLimit(.minutes(10))) struct FileGivenTwiceTests {
    private static let many = BatchHome.csv((1...1_100).map { "\($0 + 1_000)" })

    @Test(arguments: [[], ["--atomic"]])
    func theSameFileAgainPaysNothingAndSaysWhenItWasDone(options: [String]) async throws {
        try await BatchHome.with { home in
            try home.writeFile(BatchHome.csv("1", "2", "3"))
            func transfer(_ more: String...) async throws -> TellerProcess {
                try await TellerProcess.run(
                    ["transfer", "--file", home.path] + options + more, server: home.server.url,
                    environment: ["XDG_STATE_HOME": home.home.state])
            }
            let first = try await transfer()
            #expect(first.status == 0, "\(first.errors)")
            let ids = home.bank.done
            #expect(ids.count == 3)
            let second = try await transfer()
            #expect(second.status == 0, "\(second.errors)")
            #expect(
                second.errors.contains(
                    "this file was done on 1970-01-01 00:00:00 UTC, and is not done again; --again")
            )
            #expect(second.output.components(separatedBy: "   before\n").count == 4)
            let third = try await transfer("--output", "json")
            #expect(third.status == 0, "\(third.errors)")
            #expect(third.output.components(separatedBy: #""repeated":true"#).count == 4)
            #expect(third.output.split(separator: "\n").count == 3)
            #expect(home.bank.done == ids)
            #expect(try await home.home.journal.pending().writes.isEmpty)
        }
    }

    @Test func anotherIDThanTheJournalsIsSaid() async throws {
        try await BatchHome.with { home in
            let file = BatchHome.csv("1", "2")
            let first = "01a21223-9c78-7e12-876d-000000000001"
            let second = "01a21223-9c78-7e12-876d-000000000101"
            _ = try await home.transfer(file, "--id", first)
            let same = try await home.transfer(file, "--id", first)
            #expect(!same.errors.contains("done anew"))
            let other = try await home.transfer(file, "--id", second)
            #expect(other.errors.contains("with --id \(second) all of it is done anew"))
        }
    }

    /// The line that cannot be read may be the one that knows the file.
    @Test func aDamagedLineOfAFilePaysNothing() async throws {
        try await BatchHome.with { home in
            let file = BatchHome.csv("1", "2")
            _ = try await home.transfer(file)
            let ids = home.bank.done
            #expect(ids.count == 2)
            let text = home.home.lines.joined(separator: "\n") + "\n"
            let damaged = text.replacing(#""sha256":"#, with: #""sha257":"#)
            #expect(damaged != text)
            try home.home.writeJournal(damaged)
            let again = try await home.transfer(file)
            #expect(again.status == 65, "\(again.errors)")
            #expect(home.bank.done == ids)
            #expect(try await home.transfer(file, "--again").status == 0)
            #expect(home.bank.done.count == 4)
        }
    }

    @Test func againPaysAnewAndIsThenTheRunThatCounts() async throws {
        try await BatchHome.with { home in
            let file = BatchHome.csv("1", "2")
            _ = try await home.transfer(file)
            let anew = try await home.transfer(file, "--again")
            #expect(anew.status == 0, "\(anew.errors)")
            #expect(anew.errors.contains("the ids count up from"))
            #expect(home.bank.done.count == 4)
            let last = try await home.transfer(file)
            #expect(last.errors.contains("this file was done on"), "\(last.errors)")
            #expect(home.bank.done.count == 4)
            #expect(
                home.bank.batches.last?.transfers.map(\.id)
                    == home.bank.batches.dropLast().last?.transfers.map(\.id))
        }
    }

    @Test func againIsForFilesAndGivesNoIDs() async throws {
        let one = try await TellerProcess.run(
            "transfer", "1", BatchHome.alice, BatchHome.bob, "--again")
        one.expectFailure(64, saying: "--again: it is for the transfers of a --file")
        let both = try await TellerProcess.run(
            "transfer", "--file", "x", "--again", "--id", "\(Identifier.now())")
        both.expectFailure(64, saying: "only one of them")
    }

    @Test func aChangedFileIsAnotherOne() async throws {
        try await BatchHome.with { home in
            _ = try await home.transfer(BatchHome.csv("1", "2"))
            let second = try await home.transfer(BatchHome.csv("1", "2", "3"))
            #expect(second.status == 0, "\(second.errors)")
            #expect(second.errors.contains("the ids count up from"))
            #expect(home.bank.done.count == 5)
        }
    }

    @Test func whatComesFromStandardInputIsKnownAsWell() async throws {
        try await BatchHome.with { home in
            _ = try await home.transfer(BatchHome.csv("1", "2"))
            let piped = try await home.home.shell(
                "exec \"$teller\" transfer --file - --server \(home.server.url) <'\(home.path)'")
            #expect(piped.status == 0, "\(piped.errors)")
            #expect(piped.errors.contains("this file was done on"))
            #expect(home.bank.done.count == 2)
        }
    }

    @Test func atAnotherLedgerItIsNew() async throws {
        let other = BatchBank()
        let text = "0197f3c2-5b1e-7c40-9d2a-3f6b8e1c7a55"
        let behaviour: FakeBank.Behaviour = { request in
            var request = request
            request.body = request.body.replacing(text, with: "\(BatchBank.ledger)")
            guard case .answer(let status, let type, let body, _) = other.behave(request) else {
                return .reset
            }
            let answer = body.replacing("\(BatchBank.ledger)", with: text)
            return .answer(status, type: type, body: answer)
        }
        try await BatchHome.with { home in
            try await FakeBank.serving(behaviour) { server in
                _ = try await home.transfer(BatchHome.csv("1", "2"))
                for _ in 1...2 {
                    let there = try await TellerProcess.run(
                        ["transfer", "--file", home.path], server: server.url,
                        environment: ["XDG_STATE_HOME": home.home.state])
                    #expect(there.status == 0, "\(there.errors)")
                }
                #expect(other.done.count == 2)
                #expect(other.done.isDisjoint(with: home.bank.done))
                _ = try await home.transfer(BatchHome.csv("1", "2"))
                #expect(home.bank.done.count == 2)
            }
        }
    }

    @Test func aFileThatStoppedGoesOnWithoutBeingToldItsIDs() async throws {
        try await BatchHome.with { home in
            home.bank.answer(1)
            let first = try await home.transfer(Self.many, "--timeout", "60s")
            #expect(first.status == 2)
            home.bank.answer(nil)
            let second = try await home.transfer(Self.many)
            #expect(second.status == 0, "\(second.errors)")
            #expect(second.errors.contains("this file was begun on"))
            #expect(second.errors.contains("and goes on; --again"))
            #expect(home.bank.done.count == 1_100)
            #expect(try await home.home.journal.pending().writes.isEmpty)
        }
    }

    /// The ids that were given once are those of the file from then on.
    @Test func idsThatWereGivenAreKept() async throws {
        try await BatchHome.with { home in
            let base = Identifier.nowToCountFrom()
            _ = try await home.transfer(BatchHome.csv("1"), "--id", "\(base)")
            let second = try await home.transfer(BatchHome.csv("1"))
            #expect(second.status == 0, "\(second.errors)")
            #expect(home.bank.done == [base])
            #expect(home.home.lines.count { $0.hasPrefix(#"{"file":"#) } == 1)
        }
    }

    /// As other programs know it: sha256sum(1).
    @Test func theJournalHasTheFilesHash() async throws {
        try await BatchHome.with { home in
            _ = try await home.transfer(
                "amount,from,to\n1,XB45DEMO0000000017,XB18DEMO0000000018\n")
            let line = try #require(home.home.lines.first)
            #expect(
                line.contains(
                    #""sha256":"a309e446d880b9e6e92046f085e61742cdb3d001508058c2ba6cfefd9b1f1b71""#)
            )
            #expect(line.contains(#""base":"\#(try #require(home.bank.done.first))""#))
            #expect(line.contains(#""ledger":"\#(BatchBank.ledger)""#))
        }
    }

    @Test func whatWasRefusedIsSaidToStaySo() throws {
        let time = try #require(Timestamp("2026-01-31T09:30:00Z"))
        let repetition = FileRepetition(base: nil, isAtomic: false)
        func said(_ done: RecordedSteps.End.Extent) -> String {
            repetition.reminder(start: time, end: .init(done: done, time: time))
        }
        #expect(said(.some).contains("what was refused stays refused"))
        #expect(said(.some).contains("answered on 2026-01-31 09:30:00 UTC"))
        #expect(said(.none).contains("was refused on 2026-01-31 09:30:00 UTC, and stays so"))
    }

    /// The first run waits for a reader of its output, and is then killed.
    @Test func whileOneTellerDoesItNoOtherDoesAndOneThatWasKilledGoesOn() async throws {
        try await BatchHome.with { home in
            try home.writeFile(Self.many)
            async let running = TellerProcess.shell(
                """
                cd "$XDG_STATE_HOME"; mkfifo pipe; exec 3<>pipe
                "$teller" transfer --file file --output json >pipe & echo $! >pid
                wait "$(cat pid)"
                """, server: home.server.url, environment: ["XDG_STATE_HOME": home.home.state])
            // The file, and an intent and an outcome for each line of the first batch.
            try await home.home.wait(until: { home.home.lines.count == 1_001 })
            for more in [[], ["--again"]] {
                let second = try await TellerProcess.run(
                    ["transfer", "--file", home.path] + more, server: home.server.url,
                    environment: ["XDG_STATE_HOME": home.home.state])
                second.expectFailure(
                    75, saying: "another teller is doing this file just now", "nothing was sent")
            }
            #expect(try await home.teller("pending").output == "Nothing is pending.\n")
            #expect(try await home.teller("resume").output == "Nothing is pending.\n")
            let text = try String(contentsOfFile: "\(home.home.state)/pid", encoding: .utf8)
            kill(try #require(Int32(text.dropLast())), SIGKILL)
            #expect(try await running.status == 128 + SIGKILL)
            #expect(home.bank.done.count == 500)

            let next = try await home.transfer(Self.many)
            #expect(next.status == 0, "\(next.errors)")
            #expect(next.errors.contains("this file was begun on"))
            #expect(home.bank.done.count == 1_100)
            #expect(try await home.home.journal.pending().writes.isEmpty)
        }
    }
}
