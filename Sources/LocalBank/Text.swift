/// Text from outside is cut by its bytes or scalars: to `Character` a colon that a combining mark
/// follows is no colon.
extension StringProtocol {
    /// The first place of a text, byte for byte.
    func range(ofText text: String) -> Range<Index>? { utf8.firstRange(of: text.utf8) }

    /// What follows the first place of a text.
    func after(_ text: String) -> SubSequence? {
        range(ofText: text).map { self[$0.upperBound...] }
    }
}

extension String {
    func replacingText(_ text: String, with other: String) -> String {
        String(unicodeScalars.replacing(text.unicodeScalars, with: other.unicodeScalars))
    }

    var isAbsolutePath: Bool { utf8.first == UInt8(ascii: "/") }

    var trimmed: String {
        let isSpace = { (scalar: Unicode.Scalar) in scalar.properties.isWhitespace }
        guard let end = unicodeScalars.lastIndex(where: { !isSpace($0) }) else { return "" }
        return String(unicodeScalars[...end].drop(while: isSpace))
    }
}
