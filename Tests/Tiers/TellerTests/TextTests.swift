import Testing

@testable import Teller

@Suite struct DisplayWidthTests {
    @Test(arguments: [
        ("", 0), ("Alice", 5), ("Zoë", 3), ("Zoe\u{308}", 3), ("山田花子", 8), ("한국", 4),
        ("🏦", 2), ("👩‍👩‍👧", 2), ("🇨🇭", 2), ("❤️", 2), ("ｶﾅ", 2), ("Ａ", 2), ("…", 1), ("→", 1),
        ("ｶﾞ", 2), ("ﾊﾟｲ", 3), ("ﾞ", 1), ("カ゛", 4), ("ｶﾞｶﾞ", 4),
    ])
    func countsColumns(text: String, width: Int) {
        #expect(text.displayWidth == width)
    }

    @Test(arguments: [
        ("Alice", 5, "Alice"), ("Alice", 4, "Ali…"), ("山田花子", 8, "山田花子"), ("山田花子", 7, "山田花…"),
        ("山田花子", 6, "山田…"), ("abc", 1, "…"),
    ])
    func shortens(text: String, limit: Int, result: String) {
        #expect(text.shortened(toColumns: limit) == result)
        #expect(text.shortened(toColumns: limit).displayWidth <= limit)
    }

    @Test(arguments: [
        ("plain", "plain"), ("a\u{1B}[31mb", "a\u{FFFD}[31mb"), ("a\nb\tc", "a\u{FFFD}b\u{FFFD}c"),
        ("a\u{202E}b", "a\u{FFFD}b"), ("\u{85}\u{2028}", "\u{FFFD}\u{FFFD}"), ("👩‍👩‍👧", "👩‍👩‍👧"),
    ])
    func makesControlsHarmless(text: String, result: String) {
        #expect(text.printable == result)
    }
}

@Suite struct CSVTextTests {
    /// A quote with a mark behind it is another Character, and the same byte.
    @Test(arguments: ["rent\"\u{FE0F},x,y", "\"\u{301}", "a\r\u{301}b", ",\u{FE0F}", "\"\"", "é"])
    func aFieldIsReadAsItWasWritten(field: String) throws {
        let csv = ["memo", "amount"].csvLine + [field, "1"].csvLine
        var reader = CSVReader(Array(csv.utf8)[...])
        _ = try reader.next()
        let record = try #require(try reader.next())
        #expect(record.fields.map { Array($0.utf8) } == [Array(field.utf8), Array("1".utf8)])
        #expect(try reader.next() == nil)
    }
}

@Suite struct SpellingTests {
    @Test(arguments: [
        ("balanse", "balance" as String?), ("tranfer", "transfer"), ("stauts", "status"),
        ("dpeosit", "deposit"),
        ("pst", "post"), ("x", nil), ("frobnicate", nil),
    ])
    func findsWhatWasMeant(word: String, meant: String?) {
        #expect(Spelling.nearest(to: word, in: CommandSyntax.commands) == meant)
    }
}

@Suite struct TerminalTests {
    @Test func aDumbTerminalIsNotDrawnOver() {
        let dumb = Terminal(isTerminal: true, isDumb: true)
        #expect(!dumb.canErase)
        #expect(dumb.width == 80)
        #expect(Terminal(isTerminal: true).canErase)
        #expect(!Terminal(isTerminal: false).canErase)
    }
}

@Suite struct JSONTextTests {
    @Test func escapesWhatSteersATerminal() throws {
        let text = try JSONText.object(["a": "\u{9B}2J \u{202E}é\u{7F}🏦\u{E0001}"])
        #expect(
            text == "{\"a\":\"\\u009b2J \\u202eé\\u007f🏦\\udb40\\udc01\"}\n")
        #expect(try JSONText.array(["\u{2028}"]) == "[\n  \"\\u2028\"\n]\n")
    }
}

@Suite struct TextTableTests {
    private var table: TextTable {
        var table = TextTable(columns: [
            .init(title: "NAME", isElastic: true), .init(title: "BALANCE", isRightAligned: true),
            .init(title: ""),
        ])
        table.append(["Alice, everyday", "1,234.56", ""])
        table.append(["山田花子 🏦 積立", "-9", "closed"], ink: .dim)
        table.append(["Evil\u{1B}[2J\nname", "0", ""])
        return table
    }

    private let plain = Style(hasColour: false)

    @Test func alignsByDisplayWidth() {
        let expected = """
            NAME                BALANCE
            Alice, everyday    1,234.56
            山田花子 🏦 積立         -9   closed
            Evil\u{FFFD}[2J\u{FFFD}name             0
            """
        #expect(table.lines(width: nil, style: plain).joined(separator: "\n") == expected)
    }

    @Test func shortensTheElasticColumnToFit() {
        let lines = table.lines(width: 33, style: plain)
        #expect(lines[1] == "Alice, every…   1,234.56")
        #expect(lines.allSatisfy { $0.displayWidth <= 33 })
    }

    @Test func hasNoSpacesAtLineEnds() {
        #expect(table.lines(width: nil, style: plain).allSatisfy { !$0.hasSuffix(" ") })
    }
}
