import Ledger

/// An amount from the command line, whose currency is known later.
struct AmountArgument: Sendable {
    private let text: String

    /// - Throws: when it is an amount of no currency, or not positive: before any hop.
    init(_ text: String) throws(TellerError) {
        self.text = text
        // The decimals and the size that a currency allows are looked at when it is known.
        switch Self.parse(text, .kwd) {
        case .success(let money): try Self.checkPositive(money)
        case .failure(.malformed(let quoted)):
            if (try? AccountNumber(text)) != nil { throw Self.swapped(text) }
            throw Self.unusable(.malformed(quoted))
        case .failure: break
        }
    }

    /// - Throws: when it is no amount of this currency, or not positive.
    func money(in currency: Currency) throws(TellerError) -> Money {
        switch Self.parse(text, currency) {
        case .success(let money):
            try Self.checkPositive(money)
            return money
        case .failure(let error): throw Self.unusable(error)
        }
    }

    private static func parse(_ text: String, _ currency: Currency) -> Result<Money, MoneyError> {
        Result { () throws(MoneyError) in try Money(decimal: text, currency: currency) }
    }

    /// Said here in the ledger's words, so that nobody waits for its refusal.
    private static func checkPositive(_ money: Money) throws(TellerError) {
        guard money.minorUnits <= 0 else { return }
        throw notPositive
    }

    static var notPositive: TellerError {
        let said = Refusal.amountNotPositive.explanation.withoutStop.lowercasedFirst
        return TellerError(.dataError, said, advice: "nothing was sent")
    }

    private static func swapped(_ text: String) -> TellerError {
        TellerError(
            .dataError, "the amount comes first, and '\(text)' is the number of an account",
            advice: "nothing was sent")
    }

    private static func unusable(_ error: MoneyError) -> TellerError {
        TellerError(.dataError, "\(error)", advice: "nothing was sent")
    }
}
