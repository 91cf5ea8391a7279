import Ledger
import Postgres

extension LockedAccount {
    /// Reads a row of ``PostingStatements/lock(_:)``.
    init(_ row: PostgresRow) throws {
        let (id, bank, code, kindName, isClosed, limit, balance, held, version, changedAt, owner) =
            try row.decode(
                (
                    Int64, String, String, String, Bool, Int64?, Int64, Int64, Int64, Timestamp,
                    String?
                ).self)
        guard let kind = AccountKind(rawValue: kindName) else {
            throw LedgerDamaged("account \(id) is of the kind '\(kindName)'")
        }
        self.init(
            number: try AccountNumber(bank: bank, number: id), currency: try Currency(code),
            kind: kind, owner: owner.flatMap { UserName($0) }, isClosed: isClosed,
            overdraftLimit: limit, balance: balance,
            held: held,
            version: version, changedAt: changedAt)
    }
}

extension RecordedTransfer {
    /// Reads the leading columns of a row of `PostingStatements.recorded`.
    ///
    /// - Parameter bank: The bank whose ledger it is.
    init(_ row: PostgresRow, bank: String) throws {
        let (id, kindName, debit, credit, amount, code, memo) = try row.decode(
            (Identifier, String, Int64?, Int64?, Int64?, String?, String?).self)
        guard let kind = TransferKind(rawValue: kindName) else {
            throw LedgerDamaged("transfer \(id) is of the kind '\(kindName)'")
        }
        let refusalCode: String? = try row.decode(at: 11)
        let refusal = refusalCode.flatMap { Refusal(rawValue: $0) }
        guard (refusal == nil) == (refusalCode == nil) else {
            throw LedgerDamaged("transfer \(id) was refused for an unknown reason")
        }
        let hold: Identifier? = try row.decode(at: 7)
        let reverses: Identifier? = try row.decode(at: 8)
        let createdAt: Timestamp = try row.decode(at: 10)
        self.init(
            id: id, kind: kind, requestedBy: try row.decode(at: 17),
            debit: try debit.map { try AccountNumber(bank: bank, number: $0) },
            credit: try credit.map { try AccountNumber(bank: bank, number: $0) },
            amount: try amount.map { Money(minorUnits: $0, currency: try Currency(code ?? "")) },
            memo: try memo.map { try ShortText($0) }, hold: hold, reverses: reverses,
            holdSeconds: try row.decode(at: 9), createdAt: createdAt, refusal: refusal,
            debitLeg: try Leg(row, at: 12), creditLeg: try Leg(row, at: 14))
    }
}

extension RecordedTransfer.Leg {
    /// Reads two columns; nil when there is no such entry.
    fileprivate init?(_ row: PostgresRow, at column: Int) throws(PostgresDecodingError) {
        guard let version: Int64 = try row.decode(Int64?.self, at: column) else { return nil }
        self.init(version: version, balanceAfter: try row.decode(at: column + 1))
    }
}

extension Hold {
    /// Reads a row of ``PostingStatements/holds(_:)``.
    ///
    /// - Parameter bank: The bank whose ledger it is.
    init(_ row: PostgresRow, bank: String) throws {
        let (id, debit, credit, amount, code, expiresAt, stateName, resolvedBy) = try row.decode(
            (Identifier, Int64, Int64, Int64, String, Timestamp, String, Identifier?).self)
        guard let state = Hold.State(rawValue: stateName) else {
            throw LedgerDamaged("hold \(id) is in the state '\(stateName)'")
        }
        self.init(
            id: id, debit: try AccountNumber(bank: bank, number: debit),
            credit: try AccountNumber(bank: bank, number: credit),
            amount: Money(minorUnits: amount, currency: try Currency(code)),
            expiresAt: expiresAt, state: state, resolvedBy: resolvedBy)
    }
}
