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

    /// Whether each entry follows on the one before, from the opening to the closing balance.
    var addsUp: Bool {
        guard let oldest = entries.first, let newest = entries.last else {
            return openingBalance == closingBalance
        }
        let isWhole = zip(entries, entries.dropFirst()).allSatisfy { $1.follows($0) }
        let begins = hasEarlier || oldest.balanceBefore == openingBalance
        return isWhole && begins && newest.balanceAfter == closingBalance
    }
}

extension StatementPage.Entry {
    /// `nil` when no 64 bits hold it.
    var balanceBefore: Money? { try? balanceAfter.subtracting(amount) }

    /// Whether this entry and the one before it leave nothing out.
    fileprivate func follows(_ older: Self) -> Bool {
        version - 1 == older.version && balanceBefore == older.balanceAfter
            && older.postedAt <= postedAt
    }
}

/// Which entries a statement is about: from one time on and before another.
struct StatementPeriod: Sendable, Encodable {
    var from: Timestamp?
    var to: Timestamp?
}
