import BankAPI
import Ledger
import Testing

@testable import Teller

/// A file that is run again with `--id`, and what the bank has of it already.
@Suite(.timeLimit(.minutes(10))) struct RecordedStepsTests {
    private static let base = "0197f3c2-5b1e-7c40-9d2a-3f6b8e1c7afe"

    @Test func aLineMadeBlankLeavesTheOthersTheirIDs() async throws {
        try await BatchHome.with { home in
            let lines = BatchHome.csv("1", "2", "3").split(separator: "\n").map(String.init)
            let first = try await home.transfer(
                (lines[...2]).joined(separator: "\n"), "--id", Self.base)
            #expect(first.status == 0, "\(first.errors)")
            let edited = [lines[0], "", lines[2], lines[3]].joined(separator: "\n")
            let second = try await home.transfer(edited, "--id", Self.base)
            #expect(second.status == 0, "\(second.errors)")
            #expect(home.bank.done.count == 3)
            #expect(
                home.bank.batches.last?.transfers.map(\.id.description) == [
                    "0197f3c2-5b1e-7c40-9d2a-3f6b8e1c7aff",
                    "0197f3c2-5b1e-7c40-9d2a-3f6b8e1c7b00",
                ])
        }
    }

    @Test func theFirstLineOfJSONMadeBlankLeavesTheOthersTheirIDs() async throws {
        try await BatchHome.with { home in
            let line = #"{"amount":"1","from":"\#(BatchHome.alice)","to":"\#(BatchHome.bob)"}"#
            let teller = try await home.transfer("\n\(line)\n \n\(line)\n", "--id", Self.base)
            #expect(teller.status == 0, "\(teller.errors)")
            #expect(
                home.bank.batches.first?.transfers.map(\.id.description) == [
                    "0197f3c2-5b1e-7c40-9d2a-3f6b8e1c7aff",
                    "0197f3c2-5b1e-7c40-9d2a-3f6b8e1c7b01",
                ])
        }
    }

    @Test(arguments: [[], ["--atomic"]])
    func aFileThatWasChangedIsNotSent(arguments: [String]) async throws {
        try await BatchHome.with { home in
            let first = try await home.transfer(BatchHome.csv("1", "2"), "--id", Self.base)
            #expect(first.status == 0, "\(first.errors)")
            let journal = home.home.lines
            try home.writeFile(BatchHome.csv("1", "3", "4"))
            let second = try await TellerProcess.run(
                ["transfer", "--file", home.path, "--id", Self.base] + arguments,
                server: home.server.url, environment: ["XDG_STATE_HOME": home.home.state])
            second.expectFailure(
                65, saying: "line 3: the bank has another transfer",
                "not the file that \(Self.base) was made for", "nothing was sent")
            #expect(home.bank.batches.count == 1)
            #expect(home.home.lines == journal)
        }
    }

    /// The lookup has a limit, which a long file goes beyond.
    @Test func aChangeFarBelowIsFound() async throws {
        try await BatchHome.with { home in
            let amounts = (1...1_100).map { "\($0 + 1_000)" }
            let first = try await home.transfer(BatchHome.csv(amounts), "--id", Self.base)
            #expect(first.status == 0, "\(first.errors)")
            let second = try await home.transfer(
                BatchHome.csv(amounts.dropLast() + ["5"]), "--id", Self.base)
            second.expectFailure(65, saying: "line 1101: the bank has another")
            #expect(home.bank.batches.count == 3)
        }
    }

    @Test func aFileWhoseIDsCannotBeLookedUpIsNotSent() async throws {
        try await BatchHome.with { home in
            try home.writeFile(BatchHome.csv("1"))
            let teller = try await home.home.teller(
                "transfer", "--file", home.path, "--id", Self.base, "--timeout", "2s")
            #expect(teller.status != 0)
            #expect(teller.errors.contains("nothing was sent"), "\(teller.errors)")
            #expect(home.home.lines.isEmpty)
        }
    }

    /// With ids from `--id`, and with ids of the lines' own.
    @Test(arguments: [true, false])
    func aGroupOfWhichAPartIsDoneIsNotSent(isCounted: Bool) async throws {
        try await BatchHome.with { home in
            let header = isCounted ? "amount,from,to" : "amount,from,to,id"
            let lines = (1...2).map { number in
                "\(number),\(BatchHome.alice),\(BatchHome.bob)"
                    + (isCounted ? "" : ",0197f3c2-5b1e-7c40-9d2a-3f6b8e1c7a0\(number)")
            }
            let options = isCounted ? ["--id", Self.base] : []
            func transfer(_ lines: [String], _ more: String...) async throws -> TellerProcess {
                try home.writeFile(([header] + lines).joined(separator: "\n"))
                return try await TellerProcess.run(
                    ["transfer", "--file", home.path] + options + more, server: home.server.url,
                    environment: ["XDG_STATE_HOME": home.home.state])
            }
            #expect(try await transfer([lines[0]]).status == 0)
            let journal = home.home.lines
            let group = try await transfer(lines, "--atomic")
            group.expectFailure(
                65, saying: "line 2: transfer", "is done already", "1 of the file's 2",
                "nothing was sent")
            #expect(home.home.lines == journal)
            // The advice holds, and then the group is a repeat.
            #expect(try await transfer(lines).status == 0)
            let repeated = try await transfer(lines, "--atomic")
            #expect(repeated.status == 0, "\(repeated.errors)")
            #expect(home.bank.done.count == 2)
        }
    }
}
