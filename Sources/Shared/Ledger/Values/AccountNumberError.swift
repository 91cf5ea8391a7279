/// Why a text is not an account number. Texts are quoted and shortened, safe to print.
public enum AccountNumberError: Error, Hashable, Sendable {
    /// What may stand at a place of an account number.
    public enum Expected: String, Hashable, Sendable {
        case letter
        case digit
    }

    /// This many characters, spaces not counted, in place of 18.
    case wrongLength(Int)
    /// The two letters it begins with, in place of `XB`.
    case wrongCountry(String)
    /// A character that cannot stand where it does; the position counts from 1, spaces included.
    case badCharacter(String, position: Int, expected: Expected)
    /// The check digits belong to another number.
    case wrongCheckDigits
    /// The code of the bank is not four capital letters.
    case badBank(String)
    /// The number of the account is negative or has more than ten digits.
    case numberOutOfRange(Int64)
}

extension AccountNumberError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .wrongLength(let count):
            "an account number has 18 letters and digits, such as XB45 DEMO 0000 0000 17: "
                + "this one has \(count)"
        case .wrongCountry(let country):
            "an account number of this kind begins with XB: this one begins with \(country)"
        case .badCharacter(let character, let position, let expected):
            "\(character) cannot stand at position \(position) of an account number: "
                + "a \(expected.rawValue) is expected there"
        case .wrongCheckDigits:
            "check digits do not match: a digit is mistyped"
        case .badBank(let bank):
            "\(bank) is not the code of a bank: four capital letters are expected, such as DEMO"
        case .numberOutOfRange(let number):
            "\(number) is not the number of an account: it is 0 or more and has at most ten digits"
        }
    }
}
