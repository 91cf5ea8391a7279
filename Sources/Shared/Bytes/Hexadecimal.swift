extension UInt8 {
    /// The value of a hexadecimal digit of ASCII, in either case.
    @inlinable public var hexDigitValue: UInt8? {
        if isASCIIDigit { return self - UInt8(ascii: "0") }
        let letter = asciiLowercased &- UInt8(ascii: "a")
        return letter < 6 ? letter + 10 : nil
    }

    /// The lower-case digit of 0 to 15.
    @inlinable public init(hexDigit value: UInt8) {
        self = value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}

extension FixedWidthInteger where Self: UnsignedInteger {
    /// All its hexadecimal digits, in lower case: two for each byte.
    @inlinable public var hexadecimal: String {
        String(unsafeUninitializedCapacity: Self.bitWidth / 4) { buffer in
            buffer.putHexadecimal(self, at: 0)
            return Self.bitWidth / 4
        }
    }
}

extension UnsafeMutableBufferPointer<UInt8> {
    /// Writes all hexadecimal digits of a number, two for each byte, from an index on.
    @inlinable public func putHexadecimal<Number: FixedWidthInteger & UnsignedInteger>(
        _ number: Number, at start: Int
    ) {
        var rest = number
        for index in (start..<start + Number.bitWidth / 4).reversed() {
            self[index] = UInt8(hexDigit: UInt8(truncatingIfNeeded: rest) & 0xF)
            rest >>= 4
        }
    }
}
