import Ledger
import TestSupport

/// What the database holds, read by psql.
struct LedgerContents {
    struct Row {
        var balance: Int64
        var held: Int64
        /// The sum of the pending holds.
        var pending: Int64
        /// The lowest balance after any of its entries of the time that was read.
        var lowest: Int64
        var limit: Int64?
    }

    var accounts: [AccountNumber: Row] = [:]
    /// Those that were made since the beginning.
    var transfers: [Identifier: RecordedTransfer] = [:]
    /// Of those, the ones with another number of entries than they are to have.
    var misshapen: [Identifier] = []

    /// - Parameter beginning: a time by the database's clock.
    static func read(_ database: String, since beginning: String) async throws -> LedgerContents {
        var contents = LedgerContents()
        try await contents.readAccounts(database, since: beginning)
        try await contents.readTransfers(database, since: beginning)
        return contents
    }

    private mutating func readAccounts(_ database: String, since beginning: String) async throws {
        let rows = try await TestPostgres.psql(
            database,
            """
            SELECT bank, id, balance, held, coalesce(overdraft_limit::text, ''), (
                SELECT coalesce(sum(amount), 0) FROM teller.holds
                WHERE debit_account = accounts.id AND state = 'pending'
            ), coalesce((
                SELECT min(balance_after) FROM teller.entries
                WHERE account_id = accounts.id AND posted_at >= '\(beginning)'
            ), balance)
            FROM teller.accounts
            """)
        for line in rows.split(separator: "\n") {
            let row = line.split(separator: "|", omittingEmptySubsequences: false)
            guard row.count == 7, let id = Int64(row[1]), let balance = Int64(row[2]),
                let held = Int64(row[3]), let pending = Int64(row[5]), let lowest = Int64(row[6])
            else { throw TestFailure("unexpected row: \(line)") }
            let number = try AccountNumber(bank: row[0], number: id)
            accounts[number] = Row(
                balance: balance, held: held, pending: pending, lowest: lowest,
                limit: Int64(row[4]))
        }
    }

    private mutating func readTransfers(_ database: String, since beginning: String) async throws {
        let rows = try await TestPostgres.psql(
            database,
            """
            SELECT transfers.id, kind, (SELECT bank FROM teller.accounts LIMIT 1),
                debit_account, credit_account, transfers.amount, currency, memo, hold, reverses,
                hold_seconds, (extract(epoch FROM created_at) * 1000000)::bigint, refusal,
                debit.version, debit.balance_after, credit.version, credit.balance_after,
                (SELECT count(*) FROM teller.entries WHERE transfer_id = transfers.id),
                coalesce(debit.amount + transfers.amount, 0)
                    + coalesce(credit.amount - transfers.amount, 0)
            FROM teller.transfers
            LEFT JOIN teller.entries AS debit
                ON debit.transfer_id = transfers.id AND debit.account_id = debit_account
            LEFT JOIN teller.entries AS credit
                ON credit.transfer_id = transfers.id AND credit.account_id = credit_account
            WHERE created_at >= '\(beginning)'
            """)
        for line in rows.split(separator: "\n") {
            let row = line.split(separator: "|", omittingEmptySubsequences: false)
            guard let record = try RecordedTransfer(row) else {
                throw TestFailure("unexpected row: \(line)")
            }
            transfers[record.id] = record
            let entries = record.refusal == nil && record.kind.movesMoney ? 2 : 0
            if row[17] != "\(entries)" || row[18] != "0" { misshapen.append(record.id) }
        }
    }
}

extension RecordedTransfer {
    fileprivate init?(_ row: [Substring]) throws {
        guard row.count == 19, let id = Identifier(String(row[0])),
            let kind = TransferKind(rawValue: String(row[1])), let created = Int64(row[11])
        else { return nil }
        let number = { (text: Substring) in
            try Int64(text).map { try AccountNumber(bank: row[2], number: $0) }
        }
        let leg = { (version: Substring, after: Substring) -> Leg? in
            guard let version = Int64(version), let after = Int64(after) else { return nil }
            return Leg(version: version, balanceAfter: after)
        }
        let amount = Int64(row[5]).flatMap { units in
            Currency(code: row[6]).map { Money(minorUnits: units, currency: $0) }
        }
        self.init(
            id: id, kind: kind, debit: try number(row[3]), credit: try number(row[4]),
            amount: amount, memo: row[7].isEmpty ? nil : try ShortText(String(row[7])),
            hold: Identifier(String(row[8])), reverses: Identifier(String(row[9])),
            holdSeconds: Int64(row[10]), createdAt: Timestamp(microseconds: created),
            refusal: Refusal(rawValue: String(row[12])), debitLeg: leg(row[13], row[14]),
            creditLeg: leg(row[15], row[16]))
    }
}
