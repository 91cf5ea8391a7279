import Ledger
import Postgres

/// An account that a transaction has locked, and where its row stays until the transaction ends.
struct LocatedAccount: Sendable {
    var account: LockedAccount
    var tupleID: PostgresTupleID

    /// The accounts that a posting has changed, with their tuple ids.
    ///
    /// - Parameters:
    ///   - accounts: Some of those that were locked.
    ///   - rows: Of ``PostingStatements/lock(_:)``. Both ascend by number.
    /// - Throws: ``LedgerDamaged`` for an account that was not locked.
    static func changed(_ accounts: [LockedAccount], in rows: PostgresRows) throws -> [Self] {
        var rows = rows.makeIterator()
        return try accounts.map { account in
            while let row = rows.next() {
                guard try row.decode(Int64.self, at: 0) == account.number.number else { continue }
                return Self(account: account, tupleID: try row.decode(at: 10))
            }
            throw LedgerDamaged("account \(account.number) was changed and not locked")
        }
    }
}
