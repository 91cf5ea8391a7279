import Ledger

/// The bank's values as members.
extension JSONObject {
    func identifier(_ name: String) throws(Problem) -> Identifier? {
        guard let text = try string(name) else { return nil }
        guard let identifier = Identifier(text) else {
            throw problem(
                name, "a UUID is expected, such as 0197a2b4-6f00-7c31-8d55-0242ac120002",
                .idInvalid)
        }
        return identifier
    }

    func account(_ name: String) throws(Problem) -> AccountNumber? {
        guard let text = try string(name) else { return nil }
        do throws(AccountNumberError) {
            return try AccountNumber(text)
        } catch {
            throw problem(name, "\(error)", .accountInvalid)
        }
    }

    func shortText(_ name: String) throws(Problem) -> ShortText? {
        guard let text = try string(name) else { return nil }
        do throws(ShortTextError) {
            return try ShortText(text)
        } catch {
            throw problem(name, "the text \(error)")
        }
    }

    func userName(_ name: String) throws(Problem) -> UserName? {
        guard let text = try string(name) else { return nil }
        guard let user = UserName(text) else {
            throw problem(
                name,
                "a user's name has 2 to 32 lower-case letters, digits, dots, hyphens and "
                    + "underscores, a letter first", .userInvalid)
        }
        return user
    }

    func currency(_ name: String) throws(Problem) -> Currency? {
        guard let text = try string(name) else { return nil }
        do throws(CurrencyError) {
            return try Currency(exactly: text)
        } catch {
            throw problem(name, "\(error)", .currencyInvalid)
        }
    }

    /// The members `amount` and `currency`: there are both or neither.
    func money() throws(Problem) -> Money? {
        let (amount, code) = (try value("amount"), try value("currency"))
        guard amount != nil || code != nil else { return nil }
        let currency = try required("currency", currency)
        return try required("amount") { name throws(Problem) in try money(name, in: currency) }
    }

    func money(_ name: String, in currency: Currency) throws(Problem) -> Money? {
        guard let value = try value(name) else { return nil }
        guard case .string(let text) = value else {
            throw problem(name, "an amount is a string, such as \"12.34\"")
        }
        do throws(MoneyError) {
            return try Money(decimal: text, currency: currency)
        } catch {
            throw problem(name, "\(error)", error == .overflow ? .amountTooLarge : .requestInvalid)
        }
    }
}
