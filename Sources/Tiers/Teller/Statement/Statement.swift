import BankAPI
import Ledger

/// An account's entries in a period, put together from their pages.
struct Statement: Sendable {
    var account: Account
    /// Before the first entry of the period.
    var openingBalance: Money
    /// After its last one.
    var closingBalance: Money
    /// From the oldest to the newest.
    var entries: [StatementPage.Entry]
    /// Whether the period has older entries than these.
    var hasEarlier: Bool

    /// The balance before the first of the entries.
    var broughtForward: Money {
        entries.first.flatMap { $0.balanceBefore } ?? openingBalance
    }
}

extension StatementPage.Entry {
    /// `nil` when no 64 bits hold it.
    var balanceBefore: Money? { try? balanceAfter.subtracting(amount) }

    /// Whether this entry and the one before it leave nothing out.
    func follows(_ older: Self) -> Bool {
        version - 1 == older.version && balanceBefore == older.balanceAfter
            && older.postedAt <= postedAt
    }
}
