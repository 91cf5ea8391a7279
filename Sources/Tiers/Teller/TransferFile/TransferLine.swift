import Ledger

/// A line of a file of transfers whose members are what they should be; the amount needs its currency to
/// be read.
struct TransferLine: Sendable, Hashable {
    var amount: String
    var from: AccountNumber
    var to: AccountNumber
    var memo: ShortText?
    var id: Identifier?
    /// `nil`: that of the account that pays.
    var currency: Currency?

    /// - Parameter members: the texts of the line, by their names; an empty one counts as absent.
    init(_ members: [String: String]) throws(TransferFileError) {
        let given = members.filter { !$0.value.isEmpty }
        func required(_ name: String) throws(TransferFileError) -> String {
            guard let text = given[name] else { throw TransferFileError("it has no \(name)") }
            return text
        }
        func account(_ name: String) throws(TransferFileError) -> AccountNumber {
            let text = try required(name)
            return try Self.saying("\(name):") { try AccountNumber(text) }
        }
        amount = try required("amount")
        from = try account("from")
        to = try account("to")
        memo = try given["memo"].map { text throws(TransferFileError) in
            try Self.saying("a memo") { try ShortText(text) }
        }
        id = try given["id"].map(Self.id)
        currency = try given["currency"].map { text throws(TransferFileError) in
            try Self.saying("currency:") { try Currency(text) }
        }
        guard from != to else { throw TransferFileError("from and to are the same account") }
        // Where no currency is given, what is an amount of none is known already.
        if currency != nil || !Self.mayBeOfAnotherCurrency(amount) {
            _ = try money(in: currency ?? .kwd)
        }
    }

    /// The amount, more than zero.
    func money(in currency: Currency) throws(TransferFileError) -> Money {
        let money = try Self.saying("amount:") { try Money(decimal: amount, currency: currency) }
        guard money.minorUnits > 0 else {
            throw TransferFileError("amount: it must be more than zero")
        }
        return money
    }

    private static func mayBeOfAnotherCurrency(_ amount: String) -> Bool {
        do throws(MoneyError) {
            _ = try Money(decimal: amount, currency: .kwd)
            return false
        } catch {
            if case .malformed = error { return false }
            return true
        }
    }

    private static func id(_ text: String) throws(TransferFileError) -> Identifier {
        guard let id = Identifier(text) else {
            throw TransferFileError(
                "id: '\(text.printable.shortened(toColumns: 40))' is not a UUID")
        }
        guard !id.isReserved else {
            throw TransferFileError("id: a UUID of all zeros or all ones is not a valid id")
        }
        return id
    }

    private static func saying<Value>(
        _ beginning: String, _ value: () throws -> Value
    ) throws(TransferFileError) -> Value {
        do {
            return try value()
        } catch {
            throw TransferFileError("\(beginning) \(error)")
        }
    }
}
