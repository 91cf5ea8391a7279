import ArgumentParser
import Ledger

/// An amount from the command line, whose currency is known later.
struct AmountArgument: Sendable {
    static let help = ArgumentHelp(
        "The amount, in the account's currency, such as 25 or 1234.56.", valueName: "amount")

    private let text: String

    /// - Throws: when it is an amount of no currency, or not positive: before any hop.
    init(_ text: String) throws(TellerError) {
        self.text = text
        let money: Money
        do throws(MoneyError) {
            money = try Money(decimal: text, currency: .kwd)
        } catch .malformed(_) where (try? AccountNumber(text)) != nil {
            throw .invalid("the amount comes first, and '\(text)' is the number of an account")
        } catch .malformed(let quoted) {
            throw .invalid("\(MoneyError.malformed(quoted))")
        } catch {
            // The decimals and the size that a currency allows are looked at when it is known.
            return
        }
        try Self.checkPositive(money)
    }

    /// - Throws: when it is no amount of this currency, or not positive.
    func money(in currency: Currency) throws(TellerError) -> Money {
        let money: Money
        do throws(MoneyError) {
            money = try Money(decimal: text, currency: currency)
        } catch {
            throw .invalid("\(error)")
        }
        try Self.checkPositive(money)
        return money
    }

    private static func checkPositive(_ money: Money) throws(TellerError) {
        guard money.minorUnits > 0 else { throw notPositive }
    }

    /// Said here in the ledger's words, so that nobody waits for its refusal.
    static var notPositive: TellerError {
        .invalid(Refusal.amountNotPositive.explanation.withoutStop.lowercasedFirst)
    }
}
