import Bytes

/// The number of an account, in the form of an IBAN (ISO 13616): the country `XB`, which ISO 3166
/// leaves to its users, two check digits (ISO 7064, mod 97-10), the bank's four letters and the
/// account's ten digits.
public struct AccountNumber: Hashable, Sendable {
    static let country: (UInt8, UInt8) = (UInt8(ascii: "X"), UInt8(ascii: "B"))
    static let length = 18

    /// The account's ten digits: 0 to 9 999 999 999.
    public let number: Int64

    /// The bank's four letters, the first in the highest byte.
    let bankLetters: UInt32

    /// The account of this number at a bank.
    ///
    /// - Parameters:
    ///   - bank: four capital letters of ASCII, as in a BIC.
    ///   - number: 0 to 9 999 999 999.
    /// - Throws: ``AccountNumberError/badBank(_:)`` or ``AccountNumberError/numberOutOfRange(_:)``.
    public init(bank: some StringProtocol, number: Int64) throws(AccountNumberError) {
        var letters: UInt32 = 0
        var count = 0
        for byte in bank.utf8 {
            count += 1
            guard count <= 4, byte.isASCIICapital else { throw .badBank(quoted(bank)) }
            letters = letters << 8 | UInt32(byte)
        }
        guard count == 4 else { throw .badBank(quoted(bank)) }
        guard (0...9_999_999_999).contains(number) else { throw .numberOutOfRange(number) }
        self.init(bankLetters: letters, validNumber: number)
    }

    init(bankLetters: UInt32, validNumber: Int64) {
        self.bankLetters = bankLetters
        self.number = validNumber
    }

    /// The bank's code, such as `DEMO`.
    public var bank: String {
        String(unsafeUninitializedCapacity: 4) { buffer in
            for index in 0..<4 {
                buffer[index] = bankLetter(index)
            }
            return 4
        }
    }

    /// The two check digits as a number, 2 to 98.
    var checkDigits: UInt8 {
        var mod97 = Mod97()
        for index in 0..<4 {
            mod97.append(bankLetter(index))
        }
        mod97.append(tenDigits: UInt64(number))
        return mod97.checkDigits(forCountry: Self.country)
    }

    func bankLetter(_ index: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: bankLetters >> (24 - 8 * UInt32(index)))
    }
}

extension AccountNumber: Comparable {
    /// By bank, then by number.
    public static func < (left: AccountNumber, right: AccountNumber) -> Bool {
        (left.bankLetters, left.number) < (right.bankLetters, right.number)
    }
}
