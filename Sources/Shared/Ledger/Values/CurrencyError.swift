/// Why a text is not the code of a currency. Texts are quoted and shortened, safe to print.
public enum CurrencyError: Error, Hashable, Sendable {
    /// Not three letters.
    case malformed(String)
    /// Three letters, but no active currency of ISO 4217.
    case unknown(String)
    /// Active, but of what has no minor unit: a metal, a unit of account, testing, or none.
    case withoutMinorUnit(String)
}

extension CurrencyError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformed(let text):
            "\(text) is not a currency code: three letters of ISO 4217 are expected, such as EUR"
        case .unknown(let text):
            "\(text) is not an active currency of ISO 4217"
        case .withoutMinorUnit(let text):
            "\(text) has no minor unit in ISO 4217, so no account can be kept in it"
        }
    }
}
