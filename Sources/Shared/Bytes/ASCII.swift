// What protocols and ledgers call the same text is told by its bytes: to Swift's own comparison a letter
// with a mark, or one that looks alike, may be another or be none of its own. A byte of a character that
// has several passes none of these tests.

extension UInt8 {
    @inlinable public var isASCIIDigit: Bool { self &- UInt8(ascii: "0") < 10 }

    @inlinable public var isASCIICapital: Bool { self &- UInt8(ascii: "A") < 26 }

    /// The small letter of a capital; any other byte as it is.
    @inlinable public var asciiLowercased: UInt8 { isASCIICapital ? self | 0x20 : self }

    /// The capital of a small letter; any other byte as it is.
    @inlinable public var asciiUppercased: UInt8 {
        self &- UInt8(ascii: "a") < 26 ? self & 0xDF : self
    }
}

extension StringProtocol {
    /// Whether it is the same but for the case of ASCII's letters.
    @inlinable
    public func equalsIgnoringCase(_ other: some StringProtocol) -> Bool {
        utf8.count == other.utf8.count && startsIgnoringCase(with: other)
    }

    @inlinable
    public func startsIgnoringCase(with prefix: some StringProtocol) -> Bool {
        utf8.starts(with: prefix.utf8) { $0.asciiLowercased == $1.asciiLowercased }
    }
}

extension Substring.UTF8View {
    /// Without the optional white space of RFC 9110, section 5.6.3.
    @inlinable public var withoutSpaceAtItsEnd: Substring.UTF8View {
        var rest = self
        while let last = rest.last, last == 0x20 || last == 0x09 { rest.removeLast() }
        return rest
    }
}
