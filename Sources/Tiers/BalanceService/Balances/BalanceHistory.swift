import Chain
import Ledger
import Postgres

/// An account at a time that is past.
struct PastAccount: Hashable, Sendable {
    /// The ten digits of the account number.
    var id: Int64
    var time: Timestamp
}

/// Reads balances as they were. Rare, and so apart from ``BalanceReader``.
struct BalanceHistory: Sendable {
    private let pool: PostgresPool
    private let accounts: AccountStore

    init(pool: PostgresPool, accounts: AccountStore) {
        self.pool = pool
        self.accounts = accounts
    }

    /// Reads accounts with the balance and the version that they had; those that do not exist are not in
    /// the answer, and neither are those that whoever asks may not read: that takes as long. Nothing is held in it.
    func accounts(
        _ wanted: [(account: PastAccount, asker: Asker)], deadline: Deadline
    ) async throws -> [PastAccount: AccountRow] {
        let rows = try await accounts.accounts(
            withIDs: Array(Set(wanted.map(\.account.id))), deadline: deadline)
        let now = Dictionary(rows.map { ($0.id, $0) }) { first, _ in first }
        let readable = wanted.filter { $1.may(.readAccount, owner: now[$0.id]?.owner) }
        let known = Set(readable.map(\.account)).compactMap { past in
            now[past.id].map { (past, $0) }
        }
        guard !known.isEmpty else { return [:] }
        let entries = try await pool.read(
            known.map { past, row in
                EntrySearch.newestEntry(
                    of: past.id, before: past.time.next, upTo: row.version)
            }, deadline: deadline)
        var answer: [PastAccount: AccountRow] = [:]
        for ((past, row), entry) in zip(known, entries) {
            answer[past] = row.asItWas(
                at: past.time, entry: try entry.first?.decode((Int64, Int64).self))
        }
        return answer
    }
}

extension AccountRow {
    /// - Parameter entry: The version and the balance of the newest entry at that time.
    fileprivate func asItWas(at time: Timestamp, entry: (Int64, Int64)?) -> AccountRow {
        var row = self
        (row.version, row.balance) = entry ?? (0, 0)
        row.held = 0
        if let closedAt, closedAt > time { row.closedAt = nil }
        return row
    }
}

extension Timestamp {
    /// The first instant after it: what is not later than this one is before that one.
    fileprivate var next: Timestamp {
        Timestamp(microseconds: microseconds == .max ? .max : microseconds + 1)
    }
}
