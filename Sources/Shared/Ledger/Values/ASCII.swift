/// Tests on single bytes of UTF-8. A byte of a multi-byte character passes none of them.
enum ASCII {
    static let space = UInt8(ascii: " ")
    static let minus = UInt8(ascii: "-")
    static let point = UInt8(ascii: ".")
    static let comma = UInt8(ascii: ",")
    static let zero = UInt8(ascii: "0")

    static func isDigit(_ byte: UInt8) -> Bool { byte &- zero < 10 }

    static func isUppercase(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "A") < 26 }

    /// The capital of a small letter; any other byte as it is.
    static func uppercased(_ byte: UInt8) -> UInt8 {
        byte &- UInt8(ascii: "a") < 26 ? byte & 0xDF : byte
    }

    /// The lower-case digit of 0 to 15.
    static func hexadecimalDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? zero + value : UInt8(ascii: "a") + value - 10
    }

    /// The value of a digit in either case.
    static func hexadecimalValue(_ byte: UInt8) -> UInt8? {
        if isDigit(byte) { return byte - zero }
        let letter = uppercased(byte)
        guard letter >= UInt8(ascii: "A"), letter <= UInt8(ascii: "F") else { return nil }
        return letter - UInt8(ascii: "A") + 10
    }
}

/// A text from outside, made fit for a one-line message: in quotes, at most 40 characters, and with
/// everything but printable ASCII escaped, so that a terminal obeys nothing in it.
func quoted(_ text: some StringProtocol) -> String {
    var result = "'"
    for (index, scalar) in text.unicodeScalars.enumerated() {
        if index == 40 { return result + "…'" }
        let isPrintable = scalar.isASCII && scalar.value >= 0x20 && scalar.value < 0x7F
        result += isPrintable ? String(scalar) : scalar.escaped(asASCII: true)
    }
    return result + "'"
}
