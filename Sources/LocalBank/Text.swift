/// Text from outside is cut by its bytes or scalars: to `Character` a colon that a combining mark
/// follows is no colon.
extension StringProtocol {
    /// The first place of a text, byte for byte; the standard library has none without Foundation.
    func range(ofText text: String) -> Range<Index>? {
        guard !text.isEmpty else { return nil }
        var rest = utf8[...]
        while !rest.isEmpty {
            if rest.starts(with: text.utf8) {
                return rest.startIndex..<rest.index(rest.startIndex, offsetBy: text.utf8.count)
            }
            rest = rest.dropFirst()
        }
        return nil
    }
}

extension String {
    func replacingText(_ text: String, with other: String) -> String {
        var result = ""
        var rest = self[...]
        while let range = rest.range(ofText: text) {
            result += rest[..<range.lowerBound] + other
            rest = rest[range.upperBound...]
        }
        return result + rest
    }

    var isAbsolutePath: Bool { utf8.first == UInt8(ascii: "/") }

    var trimmed: String {
        let scalars = unicodeScalars
        guard let start = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let end = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(scalars[start...end])
    }
}
