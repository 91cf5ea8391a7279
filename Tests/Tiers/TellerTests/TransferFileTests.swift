import BankAPI
import Ledger
import Testing

@testable import Teller

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `teller transfer --file`.
@Suite(.timeLimit(.minutes(10))) struct TransferFileTests {
    private let alice = BatchHome.alice
    private let bob = BatchHome.bob

    @Test func doesTheGoodLinesAndNamesTheOthers() async throws {
        try await BatchHome.with { home in
            let teller = try await home.transfer(
                BatchHome.csv("12.50", "1.005", "999", "1"), "--timeout", "60s")
            let rows = teller.output.split(separator: "\n").map { $0.split(separator: " ") }
            #expect(rows.dropFirst().map { $0[1] } == ["done", "invalid", "refused", "done"])
            #expect(teller.output.contains("'1.005' is not an amount of USD"))
            #expect(teller.output.contains("insufficient_funds: the account does not have enough"))
            #expect(teller.errorLines.count == 2)
            #expect(
                teller.errorLines.last
                    == "teller: 2 done, 1 refused, 1 invalid, at bank DEMO at \(home.server.url); correct "
                    + "the invalid lines, and send them in a file of their own")
            #expect(teller.status == 1)
            #expect(home.bank.done.count == 2)
            // The currency is asked for once, and nothing is drawn where there is no terminal.
            #expect(home.server.requests.count { $0.path.hasSuffix("/balance") } == 1)
            #expect(!teller.errors.contains("\u{1B}"))
        }
    }

    @Test(arguments: [
        ("1.005", "line 3: amount: '1.005' is not an amount of USD"),
        ("1e3", "line 3: amount: '1e3' is not an amount"), ("0", "line 3: amount: it must be"),
        ("-1", "line 3: amount: it must be"), ("NaN", "line 3: amount:"),
        ("92233720368547758.08", "line 3: amount: the amount is too large"),
        ("٣", "line 3: amount:"),
    ])
    func anAtomicFileWithABadLineIsNotSent(amount: String, words: String) async throws {
        try await BatchHome.with { home in
            let teller = try await home.transfer(BatchHome.csv("1", amount), "--atomic")
            teller.expectFailure(65, saying: words, "nothing was sent")
            #expect(home.bank.batches.isEmpty)
            #expect(home.home.lines.isEmpty)
        }
    }

    @Test func anAtomicFileNamesAllBadLinesUpToABound() async throws {
        try await BatchHome.with { home in
            let teller = try await home.transfer(
                BatchHome.csv(["1"] + (1...25).map { _ in "0" }), "--atomic")
            #expect(teller.status == 65)
            #expect(teller.output.isEmpty)
            #expect(teller.errorLines.count == 21)
            #expect(teller.errorLines.first?.contains("line 3: amount:") == true)
            #expect(teller.errorLines.last?.contains("5 more lines are invalid") == true)
            #expect(home.server.requests.isEmpty)
        }
    }

    @Test(arguments: ["amount,from,to,memo\n1,a,b,x\n", "{}\n{}\n"])
    func bytesThatAreNoTextAreNamedByTheirLine(text: String) async throws {
        try await BatchHome.with { home in
            try Data(Array(text.utf8) + [0x22, 0xFF, 0x22]).write(to: URL(filePath: home.path))
            let teller = try await home.teller("transfer", "--file", home.path)
            teller.expectFailure(65, saying: "line 3: it is not text in UTF-8", "nothing was sent")
            #expect(home.server.requests.isEmpty)
        }
    }

    @Test(arguments: [
        ("amount;from;to\n1;a;b\n", "separated by semicolons"),
        ("\"amount\";\"from\";\"to\"\r\n1;a;b\r\n", "separated by semicolons"),
        ("amount\tfrom\tto\n1\ta\tb\n", "separated by tabs"),
        ("amount,from,to\r1,a,b\r", "end with a carriage return alone"),
        ("\u{FEFF}amount;from;to\r1;a;b\r", "separated by semicolons"),
        ("amount,to\n", "its first line is to name the columns"),
    ])
    func anotherFormIsNamed(text: String, words: String) async throws {
        try await BatchHome.with { home in
            let teller = try await home.transfer(text)
            teller.expectFailure(65, saying: words, "nothing was sent")
        }
    }

    @Test(arguments: [String.Encoding.utf16, .utf16LittleEndian, .utf16BigEndian])
    func otherEncodingsAreNamed(encoding: String.Encoding) throws {
        let text = try #require("amount,from,to\n1,a,b\n".data(using: encoding))
        let error = TransferFileError("it is text in UTF-16: save it as UTF-8")
        #expect(throws: error) { try TransferFile(Array(text)) }
    }

    @Test func aMemberTwiceIsRefused() async throws {
        try await BatchHome.with { home in
            let line = #""from":"\#(alice)","to":"\#(bob)","memo":"a: \"b\": \\","id":null"#
            let teller = try await home.transfer(
                """
                {"amount":"1",\(line)}
                {"amount":"1",\(line),"amount":"1"}
                {"amount":"1",\(line),"\\u0061mount":"2"}
                """)
            #expect(teller.errorLines.last?.contains("1 done, 2 invalid") == true, "\(teller)")
            #expect(teller.output.contains("it is not a JSON object: a member appears twice"))
            #expect(home.bank.done.count == 1)
        }
    }

    @Test func readsJSONLines() async throws {
        try await BatchHome.with { home in
            let id = Identifier.now()
            let teller = try await home.transfer(
                """
                {"amount":"1","from":"\(alice)","to":"\(bob)","id":"\(id)","memo":"a"}

                {"amount":1.5,"from":"\(alice)","to":"\(bob)"}
                {"amuont":"1","from":"\(alice)","to":"\(bob)"}
                {"amount":"1","from":"\(alice)","to":"\(bob)","id":"\(id)"}
                {"amount":"1","from":"\(alice)","to":"\(bob)","memo":"\\u001b[2J"}
                """, "--output", "json")
            let lines = teller.output.split(separator: "\n")
            try #require(lines.count == 5)
            #expect(lines[0].contains(#""line":1,"outcome":"done""#))
            #expect(lines[1].contains(#""line":3,"outcome":"invalid""#))
            #expect(lines[1].contains("amount: a text in quotes"))
            #expect(lines[2].contains("'amuont'"))
            #expect(lines[3].contains("line 1 has it already"))
            #expect(lines[4].contains("control characters"))
            #expect(teller.status == 65)
            #expect(home.bank.done == [id])
        }
    }

    @Test(arguments: [
        ("", "it has no transfers"), ("a,b\n1,2\n", "its first line is to name the columns"),
        ("amount,from,to,colour\n", "a column 'colour'"),
        ("amount,from,to,to\n", "names the column to twice"),
        ("amount,from,to\n\"1,2,3\n", "line 2: a quote is opened and never closed"),
        ("amount,from,to\n\"1\"x,2,3\n", "line 2: there is text between"),
    ])
    func refusesWhatIsNoFileOfTransfers(text: String, words: String) async throws {
        try await BatchHome.with { home in
            let teller = try await home.transfer(text)
            teller.expectFailure(65, saying: words, "nothing was sent")
            #expect(home.server.requests.isEmpty)
        }
    }

    @Test func sendsBatchesInOrder() async throws {
        try await BatchHome.with { home in
            var text = "amount,from,to\r\n"
            for number in 1...1_100 { text += "\(number + 1_000),\(alice),\(bob)\r\n" }
            let teller = try await home.transfer(text)
            #expect(teller.output.contains("\n1,100 done at bank DEMO at "))
            #expect(home.bank.batches.map(\.transfers.count) == [500, 500, 100])
            let atomic = try await home.transfer(text, "--atomic")
            atomic.expectFailure(65, saying: "at most 500", "the file has 1,100")
        }
    }

    @Test func aGroupIsRefusedAsOne() async throws {
        try await BatchHome.with { home in
            let teller = try await home.transfer(BatchHome.csv("1", "999"), "--atomic")
            #expect(teller.output.contains("linked_refused"))
            #expect(teller.output.contains("insufficient_funds"))
            #expect(teller.status == 1)
            #expect(home.bank.batches.map(\.atomic) == [true])
            #expect(try await home.home.journal.pending().writes.isEmpty)
        }
    }

    @Test(arguments: [true, false])
    func aLostAnswerIsUnknownAndPending(isAtomic: Bool) async throws {
        try await BatchHome.with { home in
            home.bank.lose(true)
            let file = BatchHome.csv("1", "2")
            let arguments = isAtomic ? "--atomic" : "--timeout=60s"
            let teller = try await home.transfer(file, arguments, "--timeout=60s")
            #expect(teller.status == 2)
            #expect(teller.errors.contains("UNKNOWN: 2 unknown, at bank DEMO at"))
            let pending = try await home.home.journal.pending().writes
            #expect(pending.count == (isAtomic ? 1 : 2))
            home.bank.lose(false)
            guard isAtomic else { return }
            let resumed = try await home.teller("resume")
            #expect(resumed.status == 0, "\(resumed.errors)")
            #expect(home.bank.done.count == 2)
            #expect(try await home.home.journal.pending().writes.isEmpty)
        }
    }

    @Test func nothingIsSentAfterALostAnswer() async throws {
        try await BatchHome.with { home in
            var text = "amount,from,to\n888,\(alice),\(bob)\n"
            for _ in 1...600 { text += "1,\(alice),\(bob)\n" }
            let teller = try await home.transfer(text, "--timeout", "60s")
            #expect(teller.status == 2)
            #expect(
                teller.errors.contains(
                    "UNKNOWN: 499 done, 1 unknown, 101 not done; nothing was sent from line 502 on")
            )
            #expect(home.bank.done.count == 500)
        }
    }

    #if os(Linux)
    @Test func whatIsDoneIsSaidThoughTheOutputIsGone() async throws {
        try await BatchHome.with { home in
            var text = "amount,from,to\n"
            for _ in 1...600 { text += "1,\(alice),\(bob)\n" }
            let path = "\(home.home.state)/file.csv"
            try Data(text.utf8).write(to: URL(filePath: path))
            let teller = try await home.home.shell(
                "exec \"$teller\" transfer --file '\(path)' --server \(home.server.url) >/dev/full")
            #expect(teller.status == 74)
            let said =
                "500 done; nothing was sent from line 502 on: cannot write to standard output"
            #expect(teller.errors.contains(said), "\(teller.errors)")
            #expect(teller.errors.contains("the same file again, unchanged, goes on, and does"))
            #expect(home.bank.done.count == 500)
        }
    }
    #endif

    @Test func aFileThatIsNotThereIsSaidSo() async throws {
        let teller = try await TellerProcess.run("transfer", "--file", "/nonexistent/file")
        teller.expectFailure(66, saying: "No such file", "nothing was sent")
    }
}
