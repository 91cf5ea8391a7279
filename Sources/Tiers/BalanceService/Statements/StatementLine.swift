import BalanceAPI
import Ledger
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// An entry with what its transfer tells of it.
struct StatementLine: Sendable {
    var version: Int64
    /// In minor units: negative when money left the account.
    var amount: Int64
    var balanceAfter: Int64
    var postedAt: Timestamp
    var transfer: Identifier
    var kind: String
    /// The ten digits of the transfer's other account.
    var otherAccount: Int64
    var memo: String?

    /// Reads the entries between two versions, without these, from the newest to the oldest.
    static func query(
        of account: Int64, after low: Int64, before high: Int64, count: Int
    ) -> PostgresQuery {
        """
        SELECT
            entries.version, entries.amount, entries.balance_after, entries.posted_at,
            entries.transfer_id, transfers.kind,
            CASE WHEN entries.amount < 0 THEN transfers.credit_account
                ELSE transfers.debit_account END,
            transfers.memo
        FROM teller.entries
        JOIN teller.transfers ON transfers.id = entries.transfer_id
        WHERE entries.account_id = \(account)
            AND entries.version > \(low) AND entries.version < \(high)
        ORDER BY entries.version DESC LIMIT \(count)
        """
    }

    /// Reads a row of ``query(of:after:before:count:)``.
    init(_ row: PostgresRow) throws(PostgresDecodingError) {
        (version, amount, balanceAfter, postedAt, transfer, kind, otherAccount, memo) =
            try row.decode(
                (Int64, Int64, Int64, Timestamp, Identifier, String, Int64, String?).self)
    }
}

extension Teller_Balance_V1_StatementEntry {
    /// - Throws: `AccountNumberError` for a row that is damaged.
    init(_ line: StatementLine, bank: String) throws(AccountNumberError) {
        self.init()
        version = line.version
        amount = line.amount
        balanceAfter = line.balanceAfter
        postedAtMicroseconds = line.postedAt.microseconds
        transfer = Data(line.transfer.bytes)
        kind = line.kind
        otherAccount = try AccountNumber(bank: bank, number: line.otherAccount).compact
        memo = line.memo ?? ""
    }
}
