/// An amount of one currency, exact: a whole number of its minor units.
public struct Money: Hashable, Sendable {
    /// The amount in the currency's minor unit: cents for USD, yen for JPY, fils for KWD.
    public let minorUnits: Int64
    public let currency: Currency

    public init(minorUnits: Int64, currency: Currency) {
        self.minorUnits = minorUnits
        self.currency = currency
    }

    /// The sum.
    ///
    /// - Throws: ``MoneyError/currencyMismatch(_:_:)``, or ``MoneyError/overflow`` past Int64.
    public func adding(_ other: Money) throws(MoneyError) -> Money {
        try combined(with: other, Int64.addingReportingOverflow)
    }

    /// The difference.
    ///
    /// - Throws: ``MoneyError/currencyMismatch(_:_:)``, or ``MoneyError/overflow`` past Int64.
    public func subtracting(_ other: Money) throws(MoneyError) -> Money {
        try combined(with: other, Int64.subtractingReportingOverflow)
    }

    /// The amount with its sign changed.
    ///
    /// - Throws: ``MoneyError/overflow`` for Int64.min, which has no positive twin.
    public func negated() throws(MoneyError) -> Money {
        try Money(minorUnits: 0, currency: currency).subtracting(self)
    }

    private func combined(
        with other: Money,
        _ operation: (Int64) -> (Int64) -> (partialValue: Int64, overflow: Bool)
    ) throws(MoneyError) -> Money {
        guard currency == other.currency else {
            throw .currencyMismatch(currency, other.currency)
        }
        let (result, overflow) = operation(minorUnits)(other.minorUnits)
        guard !overflow else { throw .overflow }
        return Money(minorUnits: result, currency: currency)
    }
}

extension Money: CustomStringConvertible {
    /// Code and amount, such as `USD 1234.56`.
    public var description: String { "\(currency.code) \(decimalString)" }
}
