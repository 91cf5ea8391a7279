import Chain
import Ledger
import Postgres

/// One page of a statement.
struct StatementPage: Sendable {
    var account: AccountRow
    /// From the newest to the oldest.
    var lines: [StatementLine]
    /// Before the first and after the last entry of the whole statement, in minor units.
    var openingBalance: Int64
    var closingBalance: Int64
    /// `nil` on the last page.
    var next: StatementToken?
}

/// The statements that read an account's entries. Entries never change, so that those up to a version
/// that was read are the same in every snapshot, and no transaction is needed around these.
struct StatementStore: Sendable {
    /// The newest entry before a time; version and balance are 0 when there is none.
    private typealias Mark = (version: Int64, balance: Int64)

    let pool: PostgresPool
    let accounts: AccountStore

    /// - Returns: `nil` when there is no such account that is the asker's to read.
    func page(
        _ request: StatementRequest, for asker: Asker, deadline: Deadline
    ) async throws -> StatementPage? {
        let rows = try await accounts.accounts(
            withIDs: [request.number.number], deadline: deadline)
        guard let account = rows.first, account.bank == request.number.bank,
            asker.may(.readAccount, owner: account.owner)
        else { return nil }
        let upper = min(request.token?.upper ?? account.version, account.version)
        let marks = try await marks(request, upTo: upper, deadline: deadline)
        let before = min(request.token?.last ?? .max, marks.last + 1)
        // One more than the page holds tells whether there is a next one.
        let results = try await pool.read(
            [
                StatementLine.query(
                    of: account.id, after: marks.opening.version, before: before,
                    count: request.size + 1),
                Self.balance(of: account.id, at: marks.last),
            ], deadline: deadline)
        var lines = try results[0].map(StatementLine.init)
        let closing = try results[1].first?.decode(Int64.self, at: 0)
        guard let closing = marks.last == 0 ? 0 : closing else {
            throw LedgerDamaged("account \(account.id) has no entry \(marks.last)")
        }
        var next: StatementToken?
        if lines.count > request.size {
            lines.removeLast(lines.count - request.size)
            next = lines.last.map { .init(account: account.id, upper: upper, last: $0.version) }
        }
        return StatementPage(
            account: account, lines: lines, openingBalance: marks.opening.balance,
            closingBalance: closing, next: next)
    }

    /// The entry before the statement's first, and the version of its last.
    private func marks(
        _ request: StatementRequest, upTo upper: Int64, deadline: Deadline
    ) async throws -> (opening: Mark, last: Int64) {
        let times = [request.from, request.to]
        let queries = times.compactMap { $0 }.map { time in
            EntrySearch.newestEntry(
                of: request.number.number, before: time, upTo: upper)
        }
        guard !queries.isEmpty else { return ((0, 0), upper) }
        var found = try await pool.read(queries, deadline: deadline).map { rows -> Mark in
            try rows.first?.decode((Int64, Int64).self) ?? (0, 0)
        }[...]
        let opening = request.from == nil ? (0, 0) : found.popFirst() ?? (0, 0)
        return (opening, request.to == nil ? upper : found.popFirst()?.version ?? 0)
    }

    private static func balance(of account: Int64, at version: Int64) -> PostgresQuery {
        """
        SELECT balance_after FROM teller.entries
        WHERE account_id = \(account) AND version = \(version)
        """
    }
}
