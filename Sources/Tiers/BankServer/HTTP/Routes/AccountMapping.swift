import BalanceAPI
import BankAPI
import Ledger

extension Teller_Balance_V1_Account {
    func money(_ minorUnits: Int64) throws -> Money {
        guard let currency = Currency(code: currency) else {
            throw ContractError("currency '\(self.currency)'")
        }
        return Money(minorUnits: minorUnits, currency: currency)
    }

    fileprivate var closedAt: Timestamp? {
        hasClosedAtMicroseconds ? Timestamp(microseconds: closedAtMicroseconds) : nil
    }
}

extension BankAPI.Balance {
    /// - Parameter isNow: false: of another time, when what was held then is not known.
    /// - Throws: When a value is not one of the contract's.
    init(_ account: Teller_Balance_V1_Account, isNow: Bool = true) throws {
        self.init(
            account: try AccountNumber(account.account), name: account.name,
            balance: try account.money(account.balance),
            held: isNow ? try account.money(account.held) : nil, version: account.version,
            closedAt: account.closedAt)
    }
}

extension BankAPI.Account {
    /// - Throws: When a value is not one of the contract's.
    init(_ account: Teller_Balance_V1_Account) throws {
        self.init(
            account: try AccountNumber(account.account), name: account.name,
            balance: try account.money(account.balance), held: try account.money(account.held),
            overdraftLimit: account.hasOverdraftLimit
                ? try account.money(account.overdraftLimit) : nil,
            version: account.version,
            openedAt: Timestamp(microseconds: account.openedAtMicroseconds),
            closedAt: account.closedAt)
    }
}
