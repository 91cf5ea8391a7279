import BalanceAPI
import BankAPI
import Ledger

extension Teller_Balance_V1_Account {
    func money(_ minorUnits: Int64) throws -> Money {
        Money(minorUnits: minorUnits, currency: try knownCurrency())
    }

    fileprivate func knownCurrency() throws -> Currency {
        guard let known = Currency(code: currency) else {
            throw ContractError("currency '\(currency)'")
        }
        return known
    }

    fileprivate var closedAt: Timestamp? {
        hasClosedAtMicroseconds ? Timestamp(microseconds: closedAtMicroseconds) : nil
    }
}

extension BankAPI.Balance {
    /// - Parameter isNow: false: of another time, when what was held then is not known.
    /// - Throws: When a value is not one of the contract's.
    init(_ account: Teller_Balance_V1_Account, isNow: Bool = true) throws {
        let currency = try account.knownCurrency()
        self.init(
            account: try AccountNumber(account.account), name: account.name,
            balance: Money(minorUnits: account.balance, currency: currency),
            held: isNow ? Money(minorUnits: account.held, currency: currency) : nil,
            version: account.version, closedAt: account.closedAt)
    }
}

extension BankAPI.Account {
    /// - Throws: When a value is not one of the contract's.
    init(_ account: Teller_Balance_V1_Account) throws {
        let currency = try account.knownCurrency()
        self.init(
            account: try AccountNumber(account.account), name: account.name,
            balance: Money(minorUnits: account.balance, currency: currency),
            held: Money(minorUnits: account.held, currency: currency),
            overdraftLimit: account.hasOverdraftLimit
                ? Money(minorUnits: account.overdraftLimit, currency: currency) : nil,
            version: account.version,
            openedAt: Timestamp(microseconds: account.openedAtMicroseconds),
            closedAt: account.closedAt)
    }
}
