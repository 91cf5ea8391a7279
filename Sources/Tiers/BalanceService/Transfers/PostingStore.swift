import Chain
import Ledger
import Postgres

/// Posts batches, each in one transaction.
protocol PostingTransactions: Sendable {
    /// Does what is asked, once.
    ///
    /// - Returns: The outcome of each group, in order.
    /// - Throws: `PostgresTransactionError`, `PostgresError`; ``SubjectNotLocked``: nothing was done.
    func post(_ batch: PostingBatch, deadline: Deadline) async throws -> [PostedGroup]

    /// The same without waiting for a lock.
    ///
    /// - Returns: The outcome of each group, in order.
    /// - Throws: As ``post(_:deadline:)``.
    func postFree(_ batch: PostingBatch, deadline: Deadline) async throws -> [PostedGroup]
}

/// The ledger in PostgreSQL: two round trips, however many transfers.
///
/// 1. Lock the accounts, then read what is recorded, which holds there are, and the clock.
/// 2. After the decision in memory: write it, and COMMIT.
struct PostingStore: PostingTransactions {
    let pool: PostgresPool
    let ledger: LedgerIdentityReader

    func post(_ batch: PostingBatch, deadline: Deadline) async throws -> [PostedGroup] {
        let bank = try await ledger.identity(deadline: deadline).bank
        let subjects = PostingSubjects(of: batch)
        return try await pool.transaction(
            opening: PostingStatements.opening(subjects), deadline: deadline.instant
        ) { opened in
            let decision = try PostingDecision(batch, on: opened, bank: bank)
            return (decision.statements(), decision.outcomes)
        }
    }

    func postFree(_ batch: PostingBatch, deadline: Deadline) async throws -> [PostedGroup] {
        let bank = try await ledger.identity(deadline: deadline).bank
        let opening =
            [PostingStatements.lockFree(batch.groups)]
            + PostingStatements.opening(PostingSubjects(of: batch), waits: false)
        return try await pool.transaction(opening: opening, deadline: deadline.instant) { opened in
            let locked = try HeldUpGroups(batch.groups, lockedOut: opened[0])
            var free = batch
            free.groups = batch.groups.indices.filter { locked[$0] == nil }.map { batch.groups[$0] }
            let decision = try PostingDecision(free, on: Array(opened.dropFirst()), bank: bank)
            var outcomes = decision.outcomes.makeIterator()
            let results = batch.groups.indices.map { place in
                if let names = locked[place] { return PostedGroup.locked(names) }
                return outcomes.next() ?? .late
            }
            return (decision.statements(), results)
        }
    }
}
