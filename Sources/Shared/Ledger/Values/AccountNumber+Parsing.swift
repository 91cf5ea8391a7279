import Bytes

extension AccountNumber {
    /// Parses an account number as people and machines write it: in either case, with or without
    /// spaces.
    ///
    /// - Throws: ``AccountNumberError`` that says which part of the text is wrong.
    public init(_ text: some StringProtocol) throws(AccountNumberError) {
        var fields = Fields()
        // Strings are contiguous: the loop is compiled for their bytes, not for every protocol.
        let unexpected =
            text.utf8.withContiguousStorageIfAvailable { fields.append(contentsOf: $0) }
            ?? fields.append(contentsOf: text.utf8)
        if let unexpected {
            throw Self.unexpectedCharacter(in: text, atByte: unexpected, fields: fields)
        }
        guard fields.count == Self.length else { throw .wrongLength(fields.count) }
        guard fields.country == Fields.expectedCountry else {
            throw .wrongCountry(quoted(String(decoding: fields.countryBytes, as: UTF8.self)))
        }
        let account = AccountNumber(bankLetters: fields.bank, validNumber: fields.number)
        // Compared as digits, since 02 and 99 (or 00 and 97, 01 and 98) are alike modulo 97.
        guard account.checkDigits == fields.check else { throw .wrongCheckDigits }
        self = account
    }

    /// Tells a letter where a digit belongs from what no account number has, and both from a text
    /// that only has too much at its end.
    private static func unexpectedCharacter(
        in text: some StringProtocol, atByte offset: Int, fields: Fields
    ) -> AccountNumberError {
        if fields.count == length {
            let characters = text.unicodeScalars.reduce(0) { $1 == " " ? $0 : $0 + 1 }
            return .wrongLength(characters)
        }
        let index = text.utf8.index(text.utf8.startIndex, offsetBy: offset)
        let position = text.unicodeScalars.distance(from: text.startIndex, to: index) + 1
        let character = quoted(String(text.unicodeScalars[index]))
        return .badCharacter(
            character, position: position, expected: fields.expectsDigit ? .digit : .letter)
    }
}

/// The fields of an account number, filled from its characters without the spaces.
private struct Fields {
    static let expectedCountry =
        UInt32(AccountNumber.country.0) << 8 | UInt32(AccountNumber.country.1)

    private(set) var count = 0
    private(set) var country: UInt32 = 0
    private(set) var check: UInt8 = 0
    private(set) var bank: UInt32 = 0
    private(set) var number: Int64 = 0

    var expectsDigit: Bool { count >= 8 || count == 2 || count == 3 }

    var countryBytes: [UInt8] {
        [UInt8(truncatingIfNeeded: country >> 8), UInt8(truncatingIfNeeded: country)]
    }

    /// Takes in all but the spaces; gives the offset of the first byte that cannot stand there.
    mutating func append(contentsOf bytes: some Collection<UInt8>) -> Int? {
        var offset = 0
        for byte in bytes {
            if byte != UInt8(ascii: " "), !append(byte.asciiUppercased) { return offset }
            offset += 1
        }
        return nil
    }

    /// Takes in the next character, if it can stand at this place.
    private mutating func append(_ byte: UInt8) -> Bool {
        guard count < AccountNumber.length else { return false }
        guard expectsDigit ? byte.isASCIIDigit : byte.isASCIICapital else { return false }
        switch count {
        case 0, 1: country = country << 8 | UInt32(byte)
        case 2, 3: check = check * 10 + (byte - UInt8(ascii: "0"))
        case 4...7: bank = bank << 8 | UInt32(byte)
        default: number = number * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        count += 1
        return true
    }
}
