import BalanceAPI
import BankAPI
import Ledger

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Teller_Balance_V1_Account {
    func money(_ minorUnits: Int64) throws -> Money {
        guard let currency = Currency(code: currency) else {
            throw ContractError("currency '\(self.currency)'")
        }
        return Money(minorUnits: minorUnits, currency: currency)
    }

    fileprivate var closingDate: Date? {
        hasClosedAtMicroseconds ? Date(microseconds: closedAtMicroseconds) : nil
    }
}

extension BankAPI.Balance {
    /// - Parameter isNow: false: of another time, when what was held then is not known.
    /// - Throws: When a value is none of the contract's.
    init(_ account: Teller_Balance_V1_Account, isNow: Bool = true) throws {
        self.init(
            account: try AccountNumber(account.account), name: account.name,
            balance: try account.money(account.balance),
            held: isNow ? try account.money(account.held) : nil, version: account.version,
            closedAt: account.closingDate)
    }
}

extension BankAPI.Account {
    /// - Throws: When a value is none of the contract's.
    init(_ account: Teller_Balance_V1_Account) throws {
        self.init(
            account: try AccountNumber(account.account), name: account.name,
            balance: try account.money(account.balance), held: try account.money(account.held),
            overdraftLimit: account.hasOverdraftLimit
                ? try account.money(account.overdraftLimit) : nil,
            version: account.version,
            openedAt: Date(microseconds: account.openedAtMicroseconds),
            closedAt: account.closingDate)
    }
}

extension Date {
    /// - Parameter microseconds: since 1970-01-01T00:00:00Z.
    fileprivate init(microseconds: Int64) {
        self.init(timeIntervalSince1970: Double(microseconds) / 1_000_000)
    }
}
