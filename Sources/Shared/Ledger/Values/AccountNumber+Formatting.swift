extension AccountNumber: CustomStringConvertible {
    /// The form for machines, such as `XB45DEMO0000000017`.
    public var compact: String { text(grouped: false) }

    /// The form for people, such as `XB45 DEMO 0000 0000 17`.
    public var grouped: String { text(grouped: true) }

    /// The same as ``compact``.
    public var description: String { compact }

    private func text(grouped: Bool) -> String {
        String(unsafeUninitializedCapacity: 22) { buffer in
            var count = 0
            var characters = 0
            func append(_ byte: UInt8) {
                if grouped, characters > 0, characters % 4 == 0 {
                    buffer[count] = UInt8(ascii: " ")
                    count += 1
                }
                buffer[count] = byte
                count += 1
                characters += 1
            }

            append(Self.country.0)
            append(Self.country.1)
            let check = checkDigits
            append(UInt8(ascii: "0") + check / 10)
            append(UInt8(ascii: "0") + check % 10)
            for index in 0..<4 {
                append(bankLetter(index))
            }
            var divisor: Int64 = 1_000_000_000
            while divisor > 0 {
                append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
                divisor /= 10
            }
            return count
        }
    }
}
