import BalanceAPI
import Ledger
import Postgres

/// An account as PostgreSQL keeps it.
struct AccountRow: Sendable {
    /// The ten digits of the account number.
    var id: Int64
    /// The four letters of the bank that keeps it.
    var bank: String
    var name: String
    /// ISO 4217.
    var currency: String
    /// In minor units.
    var balance: Int64
    /// In minor units; `nil`: without limit.
    var overdraftLimit: Int64?
    var version: Int64
    var openedAt: PostgresTimestamp
    var closedAt: PostgresTimestamp?

    /// Reads a row of ``AccountStore``'s statements, in their columns' order.
    init(_ row: PostgresRow) throws(PostgresDecodingError) {
        (id, bank, name, currency, balance, overdraftLimit, version, openedAt, closedAt) =
            try row.decode(
                (
                    Int64, String, String, String, Int64, Int64?, Int64, PostgresTimestamp,
                    PostgresTimestamp?
                ).self)
    }
}

extension Teller_Balance_V1_Account {
    /// - Parameter number: The compact account number of `row`.
    init(_ row: AccountRow, number: String) {
        self.init()
        account = number
        name = row.name
        currency = row.currency
        balance = row.balance
        if let limit = row.overdraftLimit { overdraftLimit = limit }
        version = row.version
        openedAtMicroseconds = row.openedAt.microsecondsSinceEpoch
        if let closedAt = row.closedAt { closedAtMicroseconds = closedAt.microsecondsSinceEpoch }
    }
}

extension PostgresTimestamp {
    /// Microseconds since 1970-01-01T00:00:00Z; PostgreSQL's infinities are saturated.
    fileprivate var microsecondsSinceEpoch: Int64 {
        let (value, overflow) = microsecondsSince2000.addingReportingOverflow(946_684_800_000_000)
        return overflow ? .max : value
    }
}
