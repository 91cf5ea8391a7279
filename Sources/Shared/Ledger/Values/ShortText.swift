/// A text of people in the ledger: an account's name, a transfer's memo. One line, harmless to print.
public struct ShortText: Hashable, Sendable, CustomStringConvertible {
    /// In Unicode scalars, as PostgreSQL counts characters.
    public static let longest = 140

    public let description: String

    /// A text that is new, and that people are to see.
    ///
    /// - Throws: ``ShortTextError``.
    public init(visible text: String) throws(ShortTextError) {
        try self.init(text)
        guard isVisible else { throw .invisible }
    }

    /// Whether anything of it is seen: not of spaces, of what only joins, marks or fills, or of nothing.
    public var isVisible: Bool { description.unicodeScalars.contains(where: Self.isVisible) }

    /// - Throws: ``ShortTextError``.
    public init(_ text: String) throws(ShortTextError) {
        guard !text.isEmpty else { throw .empty }
        var count = 0
        for scalar in text.unicodeScalars {
            count += 1
            guard count <= Self.longest else { throw .tooLong }
            guard !Self.isControl(scalar) else { throw .control }
        }
        description = text
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        // Symbols by their category that have no ink: a Braille pattern without dots, a note without head.
        if scalar == "\u{2800}" || scalar == "\u{1D159}" { return false }
        switch scalar.properties.generalCategory {
        case .spaceSeparator, .lineSeparator, .paragraphSeparator, .control, .format,
            .nonspacingMark, .enclosingMark, .spacingMark:
            return false
        default:
            return !scalar.properties.isDefaultIgnorableCodePoint
        }
    }

    /// Controls, separators of lines, and what changes the direction of the text around it.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: scalar.properties.isBidiControl
        }
    }
}

extension ShortText {
    /// By bytes: to String an accent of its own and one with its letter are the same, and under one id
    /// they are not.
    public static func == (left: ShortText, right: ShortText) -> Bool {
        left.description.utf8.elementsEqual(right.description.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        for byte in description.utf8 { hasher.combine(byte) }
    }
}

/// Why a text cannot be a name or a memo.
public enum ShortTextError: Error, Hashable, Sendable, CustomStringConvertible {
    case empty
    case tooLong
    case control
    case invisible

    /// Follows on the text's name, as in "a memo".
    public var description: String {
        switch self {
        case .empty: "must not be empty"
        case .tooLong: "has at most \(ShortText.longest) characters"
        case .control: "must not have control characters"
        case .invisible: "must have a visible character"
        }
    }
}
