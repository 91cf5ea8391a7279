import Bytes

extension Money {
    /// Parses a plain decimal number: an optional minus, digits, and optionally a point with
    /// decimals, no more of them than the currency has. Nothing is rounded, trimmed or guessed.
    ///
    /// - Parameters:
    ///   - decimal: such as `1234.56`, `-0.01` or `5`.
    ///   - currency: gives the number of decimals.
    /// - Throws: ``MoneyError/malformed(_:)``, ``MoneyError/tooManyDecimals(_:_:)``, or
    ///   ``MoneyError/overflow`` past Int64 of minor units.
    public init(decimal: some StringProtocol, currency: Currency) throws(MoneyError) {
        var parser = DecimalParser(exponent: currency.exponent)
        if decimal.utf8.withContiguousStorageIfAvailable({ parser.append(contentsOf: $0) }) == nil {
            parser.append(contentsOf: decimal.utf8)
        }
        switch parser.finish() {
        case .minorUnits(let minorUnits): self.init(minorUnits: minorUnits, currency: currency)
        case .malformed: throw .malformed(quoted(decimal))
        case .tooManyDecimals: throw .tooManyDecimals(quoted(decimal), currency)
        case .overflow: throw .overflow
        }
    }
}

/// Reads a decimal number byte by byte. It looks at the whole text before it judges, so that
/// `9999999999999999999x` is called malformed rather than too large.
private struct DecimalParser {
    enum Outcome {
        case minorUnits(Int64)
        case malformed
        case tooManyDecimals
        case overflow
    }

    let exponent: Int
    private var isFirst = true
    private var isNegative = false
    private var isMalformed = false
    private var hasOverflowed = false
    private var integerDigits = 0
    private var decimals: Int?
    /// Kept at or below zero, as Int64 reaches one further there.
    private var negatedValue: Int64 = 0

    init(exponent: Int) { self.exponent = exponent }

    mutating func append(contentsOf bytes: some Collection<UInt8>) {
        for byte in bytes {
            append(byte)
        }
    }

    private mutating func append(_ byte: UInt8) {
        defer { isFirst = false }
        switch byte {
        case UInt8(ascii: "-") where isFirst:
            isNegative = true
        case UInt8(ascii: ".") where integerDigits > 0 && decimals == nil:
            decimals = 0
        case _ where byte.isASCIIDigit:
            if let count = decimals { decimals = count + 1 } else { integerDigits += 1 }
            // Digits past the exponent are an error already: leave the value alone.
            if (decimals ?? 0) <= exponent { shift(in: Int64(byte - UInt8(ascii: "0"))) }
        default:
            isMalformed = true
        }
    }

    mutating func finish() -> Outcome {
        guard !isMalformed, integerDigits > 0, decimals != 0 else { return .malformed }
        let missing = exponent - (decimals ?? 0)
        guard missing >= 0 else { return .tooManyDecimals }
        for _ in 0..<missing {
            shift(in: 0)
        }
        let (value, overflow) =
            isNegative ? (negatedValue, false) : Int64(0).subtractingReportingOverflow(negatedValue)
        return hasOverflowed || overflow ? .overflow : .minorUnits(value)
    }

    private mutating func shift(in digit: Int64) {
        let (shifted, overflow) = negatedValue.multipliedReportingOverflow(by: 10)
        let (value, underflow) = shifted.subtractingReportingOverflow(digit)
        negatedValue = value
        hasOverflowed = hasOverflowed || overflow || underflow
    }
}
