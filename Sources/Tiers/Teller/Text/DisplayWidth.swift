extension String {
    /// The columns that a terminal needs for this text, which has no control characters.
    ///
    /// Source: Unicode Standard Annex 11, East Asian Width, and Unicode Technical Standard 51 for
    /// emoji: a grapheme is as wide as its widest scalar.
    var displayWidth: Int {
        utf8.allSatisfy { $0 < 0x80 } ? utf8.count : reduce(0) { $0 + $1.displayWidth }
    }

    /// The text with spaces after it, up to a width.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - displayWidth))
    }

    /// The text with spaces after it, up to the widest of some.
    func padded(toWidest texts: [String]) -> String {
        padded(to: texts.map(\.displayWidth).max() ?? 0)
    }

    /// The text with spaces before it, up to a width.
    func paddedLeft(to width: Int) -> String {
        String(repeating: " ", count: max(0, width - displayWidth)) + self
    }

    func paddedLeft(toWidest texts: [String]) -> String {
        paddedLeft(to: texts.map(\.displayWidth).max() ?? 0)
    }

    /// The text, or as much of it as fits with an ellipsis.
    func shortened(toColumns limit: Int) -> String {
        guard utf8.count > limit, displayWidth > limit else { return self }
        var width = 0
        let head = prefix { character in
            width += character.displayWidth
            return width < limit
        }
        return head + "…"
    }

    /// The text with everything that could steer a terminal, or reorder what it shows, replaced.
    var printable: String {
        guard unicodeScalars.contains(where: \.isHarmful) else { return self }
        var scalars = String.UnicodeScalarView()
        for scalar in unicodeScalars { scalars.append(scalar.isHarmful ? "\u{FFFD}" : scalar) }
        return String(scalars)
    }
}

extension Character {
    fileprivate var displayWidth: Int {
        if isASCII { return 1 }
        // A half-width sound mark is a letter of its own to a terminal.
        let marks = unicodeScalars.count { (0xFF9E...0xFF9F).contains($0.value) }
        guard marks < unicodeScalars.count else { return marks }
        return marks
            + unicodeScalars.reduce(0) { width, scalar in
                (0xFF9E...0xFF9F).contains(scalar.value) ? width : max(width, scalar.displayWidth)
            }
    }
}

extension Unicode.Scalar {
    /// Whether it could steer a terminal, or reorder what it shows.
    var isHarmful: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: true
        // Joiners make emoji and some scripts' words; other formats are for direction.
        case .format: !(value == 0x200C || value == 0x200D || (0xE0020...0xE007F).contains(value))
        default: false
        }
    }

    fileprivate var displayWidth: Int {
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format:
            // The variation selector that asks for an emoji asks for two columns.
            return value == 0xFE0F ? 2 : 0
        default: break
        }
        return properties.isEmojiPresentation || isEastAsianWide ? 2 : 1
    }

    private var isEastAsianWide: Bool {
        switch value {
        case ..<0x1100: false
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F,
            0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6,
            0x17000...0x18CFF, 0x1B000...0x1B2FF, 0x20000...0x3FFFD:
            true
        default: false
        }
    }
}
