import Bytes

/// The remainder modulo 97 of ISO 7064, over a text in which `A` to `Z` count as 10 to 35.
struct Mod97: Sendable {
    private(set) var remainder: UInt64 = 0

    /// Takes in one digit or capital letter.
    mutating func append(_ byte: UInt8) {
        if byte.isASCIIDigit {
            remainder = (remainder * 10 + UInt64(byte - UInt8(ascii: "0"))) % 97
        } else {
            remainder = (remainder * 100 + UInt64(byte - UInt8(ascii: "A") + 10)) % 97
        }
    }

    /// Takes in a number written with ten digits: below 10 000 000 000.
    mutating func append(tenDigits number: UInt64) {
        remainder = (remainder * 10_000_000_000 + number) % 97
    }

    /// The check digits, 02 to 98, that an IBAN of this country needs after what was taken in so far
    /// (ISO 13616: the country and `00` are moved behind the account).
    func checkDigits(forCountry country: (UInt8, UInt8)) -> UInt8 {
        var all = self
        all.append(country.0)
        all.append(country.1)
        return UInt8(98 - all.remainder * 100 % 97)
    }
}
