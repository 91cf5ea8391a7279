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
    /// In the balance, but promised and not yet expired; in minor units.
    var held: Int64
    /// In minor units; `nil`: without limit.
    var overdraftLimit: Int64?
    var version: Int64
    var openedAt: Timestamp
    var closedAt: Timestamp?
    /// Whose it is; `nil`: nobody's but the bank's.
    var owner: UserName?

    /// The columns of teller.accounts that make a row. A hold that is due is free at once, by the database's
    /// clock, whether or not its row says so already; an account without holds costs nothing more.
    static let columns: StaticString = """
        id, bank, name, currency, balance,
        CASE WHEN held > 0 THEN teller.held_now(id, held) ELSE 0 END,
        overdraft_limit, version, opened_at, closed_at, owner
        """

    /// Reads a row of ``columns``.
    init(_ row: PostgresRow) throws(PostgresDecodingError) {
        // What is no name is nobody's: one damaged row does not fail all that are read with it.
        let ownerName: String?
        (
            id, bank, name, currency, balance, held, overdraftLimit, version, openedAt, closedAt,
            ownerName
        ) = try row.decode(
            (
                Int64, String, String, String, Int64, Int64, Int64?, Int64, Timestamp, Timestamp?,
                String?
            ).self)
        owner = ownerName.flatMap { UserName($0) }
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
        held = row.held
        if let limit = row.overdraftLimit { overdraftLimit = limit }
        version = row.version
        openedAtMicroseconds = row.openedAt.microseconds
        if let closedAt = row.closedAt { closedAtMicroseconds = closedAt.microseconds }
    }
}

extension Teller_Balance_V1_Account {
    /// - Throws: `AccountNumberError` for a row that is damaged.
    init(_ row: AccountRow) throws(AccountNumberError) {
        self.init(row, number: try AccountNumber(bank: row.bank, number: row.id).compact)
    }
}
