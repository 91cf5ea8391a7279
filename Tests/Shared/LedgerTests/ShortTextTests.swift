import Ledger
import Testing

@Suite struct ShortTextTests {
    @Test(arguments: [
        "a", "Miete März", "家賃", "👩‍👩‍👧‍👦", "'; DROP TABLE accounts; --", "e\u{301}", " ",
        String(repeating: "x", count: 140), String(repeating: "\u{1F600}", count: 140),
    ])
    func `keeps what fits on a line`(text: String) throws {
        #expect(try ShortText(text).description == text)
    }

    @Test(
        arguments: [
            ("", .empty), (String(repeating: "x", count: 141), .tooLong),
            (String(repeating: "e\u{301}", count: 71), .tooLong),
            (String(repeating: "x", count: 1_000_000), .tooLong),
            ("a\nb", .control), ("\r", .control), ("a\tb", .control), ("a\0b", .control),
            ("\u{1B}[31mred", .control), ("\u{7F}", .control), ("\u{85}", .control),
            ("\u{9B}31m", .control), ("\u{2028}", .control), ("\u{2029}", .control),
            ("\u{202E}txt", .control), ("\u{2066}a", .control), ("\u{200F}", .control),
        ] as [(String, ShortTextError)])
    func `refuses the rest`(text: String, error: ShortTextError) {
        #expect(throws: error) { try ShortText(text) }
    }

    @Test(arguments: [
        " ", "   ", "\u{A0}", "\u{3000}", "\u{200B}", "\u{200D}", "\u{FEFF}", "\u{2060}", "\u{AD}",
        "\u{2800}", "\u{3164}", "\u{115F}", "\u{FFA0}", "\u{FE0F}", "\u{301}", " \u{301}",
        "\u{34F}",
        "\u{E0041}", "\u{180E}", "\u{1D159}",
    ])
    func `a new one is seen`(invisible: String) throws {
        #expect(throws: ShortTextError.invisible) { try ShortText(visible: invisible) }
        // One that is kept from before is still read.
        #expect(try !ShortText(invisible).isVisible)
        #expect(try ShortText(visible: "a" + invisible).isVisible)
    }

    @Test(arguments: ["a", "家", "👩‍👩‍👧‍👦", "e\u{301}", ".", "€", "٣", "\u{200B}x\u{200B}"])
    func `whatever has ink is seen`(text: String) throws {
        #expect(try ShortText(visible: text).description == text)
    }

    @Test func `spellings of a letter are different texts`() throws {
        let spellings = try [ShortText("é"), ShortText("e\u{301}"), ShortText("é")]
        #expect(Set(spellings).count == 2)
        #expect(spellings[0] != spellings[1])
    }

    @Test func `says why`() {
        #expect(ShortTextError.tooLong.description == "has at most 140 characters")
        #expect(ShortTextError.empty.description == "must not be empty")
        #expect(ShortTextError.control.description == "must not have control characters")
    }
}
