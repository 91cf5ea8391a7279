import Ledger

/// A line of a file of transfers, as written: nothing of it is checked.
struct TransferLine: Sendable, Hashable {
    var amount: String?
    var from: String?
    var to: String?
    var memo: String?
    var id: String?
    var currency: String?

    typealias Member = any WritableKeyPath<TransferLine, String?> & Sendable

    /// By the names that columns and members of objects have.
    static let members: [String: Member] = [
        "amount": \.amount, "from": \.from, "to": \.to, "memo": \.memo, "id": \.id,
        "currency": \.currency,
    ]
    static let requiredNames = ["amount", "from", "to"]
}

/// A line whose members are what they should be; the amount needs its currency to be read.
struct CheckedLine: Sendable, Hashable {
    var amount: String
    var from: AccountNumber
    var to: AccountNumber
    var memo: ShortText?
    var id: Identifier?
    /// `nil`: that of the account that pays.
    var currency: Currency?

    /// - Throws: ``LineError``.
    init(_ line: TransferLine) throws(LineError) {
        func required(_ value: String?, _ name: String) throws(LineError) -> String {
            guard let value, !value.isEmpty else { throw LineError("it has no \(name)") }
            return value
        }
        amount = try required(line.amount, "amount")
        from = try Self.account(try required(line.from, "from"), "from")
        to = try Self.account(try required(line.to, "to"), "to")
        memo = try Self.memo(line.memo)
        id = try Self.id(line.id)
        currency = try Self.currency(line.currency)
        guard from != to else { throw LineError("from and to are the same account") }
        // Where no currency is given, what is an amount of none is known already.
        do throws(LineError) {
            _ = try money(in: currency ?? .kwd)
        } catch {
            if currency != nil || !error.mayBeOfAnotherCurrency { throw error }
        }
    }

    /// The amount, more than zero.
    func money(in currency: Currency) throws(LineError) -> Money {
        let money: Money
        do throws(MoneyError) {
            money = try Money(decimal: amount, currency: currency)
        } catch {
            var failure = LineError("amount: \(error)")
            if case .malformed = error {} else { failure.mayBeOfAnotherCurrency = true }
            throw failure
        }
        guard money.minorUnits > 0 else {
            throw LineError("amount: it must be more than zero")
        }
        return money
    }

    private static func account(_ text: String, _ name: String) throws(LineError) -> AccountNumber {
        do throws(AccountNumberError) {
            return try AccountNumber(text)
        } catch {
            throw LineError("\(name): \(error)")
        }
    }

    private static func memo(_ text: String?) throws(LineError) -> ShortText? {
        guard let text, !text.isEmpty else { return nil }
        do throws(ShortTextError) {
            return try ShortText(text)
        } catch {
            throw LineError("a memo \(error)")
        }
    }

    private static func id(_ text: String?) throws(LineError) -> Identifier? {
        guard let text, !text.isEmpty else { return nil }
        guard let id = Identifier(text) else {
            throw LineError("id: '\(text.printable.shortened(toColumns: 40))' is not a UUID")
        }
        guard !id.isReserved else {
            throw LineError("id: a UUID of all zeros or all ones is not a valid id")
        }
        return id
    }

    private static func currency(_ text: String?) throws(LineError) -> Currency? {
        guard let text, !text.isEmpty else { return nil }
        do throws(CurrencyError) {
            return try Currency(text)
        } catch {
            throw LineError("currency: \(error)")
        }
    }
}

/// Why a line cannot be done.
struct LineError: Error, Sendable, Hashable, CustomStringConvertible {
    var description: String
    /// Whether the amount may be one of another currency.
    var mayBeOfAnotherCurrency = false

    init(_ description: String) {
        self.description = description
    }
}
