extension Money {
    /// The plain form that ``init(decimal:currency:)`` reads, such as `-1234.56`: every decimal of
    /// the currency, no separators.
    public var decimalString: String { text(grouped: false) }

    /// The form for people, such as `-1,234.56`.
    public var formatted: String { text(grouped: true) }

    private func text(grouped: Bool) -> String {
        // 20 digits at most, 6 separators, a sign and a point.
        String(unsafeUninitializedCapacity: 32) { buffer in
            var start = buffer.count
            func prepend(_ byte: UInt8) {
                start -= 1
                buffer[start] = byte
            }

            let exponent = currency.exponent
            var rest = minorUnits.magnitude
            var written = 0
            repeat {
                let integerDigits = written - exponent
                if integerDigits == 0, exponent > 0 {
                    prepend(UInt8(ascii: "."))
                } else if grouped, integerDigits > 0, integerDigits % 3 == 0 {
                    prepend(UInt8(ascii: ","))
                }
                prepend(UInt8(ascii: "0") + UInt8(rest % 10))
                rest /= 10
                written += 1
            } while rest > 0 || written <= exponent
            if minorUnits < 0 { prepend(UInt8(ascii: "-")) }

            let count = buffer.count - start
            for index in 0..<count {
                buffer[index] = buffer[start + index]
            }
            return count
        }
    }
}
