/// Why an amount cannot be had. Texts are quoted and shortened, safe to print.
public enum MoneyError: Error, Hashable, Sendable {
    /// The amount is past what 64 bits of minor units hold.
    case overflow
    /// Two amounts of different currencies were to be combined.
    case currencyMismatch(Currency, Currency)
    /// The text is no decimal number of the plain form.
    case malformed(String)
    /// The text has more decimals than the currency's minor unit.
    case tooManyDecimals(String, Currency)
}

extension MoneyError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .overflow:
            return "the amount is too large"
        case .currencyMismatch(let left, let right):
            return "amounts of \(left.code) and \(right.code) cannot be combined"
        case .malformed(let text):
            return "\(text) is not an amount: digits are expected, with a point before "
                + "the decimals and no separators, such as 1234.56"
        case .tooManyDecimals(let text, let currency):
            let allowed =
                switch currency.exponent {
                case 0: "no decimals"
                case 1: "at most 1 decimal"
                case let count: "at most \(count) decimals"
                }
            return "\(text) is not an amount of \(currency.code), which has \(allowed)"
        }
    }
}
