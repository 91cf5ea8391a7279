import Chain
import Ledger
import Postgres

/// Posts batches, each in one transaction.
protocol PostingTransactions: Sendable {
    /// Does what is asked, once.
    ///
    /// - Returns: An outcome for each request of each group, in order; nil for a group whose time was
    ///   over before anything was done.
    /// - Throws: `PostgresTransactionError`, `PostgresError`; ``SubjectNotLocked``: nothing was done.
    func post(_ batch: PostingBatch, deadline: Deadline) async throws -> [[TransferOutcome]?]

    /// Finds who would have to wait for a lock, without waiting.
    ///
    /// - Returns: The places of the groups that want an account that somebody else keeps locked.
    /// - Throws: `PostgresError`, `PostgresDecodingError`.
    func blocked(_ groups: [PostingGroup], deadline: Deadline) async throws -> Set<Int>
}

/// The ledger in PostgreSQL: two round trips, however many transfers.
///
/// 1. Lock the accounts, then read what is recorded, which holds there are, and the clock.
/// 2. After the decision in memory: write it, and COMMIT.
struct PostingStore: PostingTransactions {
    let pool: PostgresPool
    let ledger: LedgerIdentityReader

    func post(_ batch: PostingBatch, deadline: Deadline) async throws -> [[TransferOutcome]?] {
        let bank = try await ledger.identity(deadline: deadline).bank
        let subjects = PostingSubjects(of: batch)
        return try await pool.transaction(
            opening: PostingStatements.opening(subjects), deadline: deadline.instant
        ) { opened in
            let decision = try PostingDecision(batch, on: opened, bank: bank)
            return (try decision.statements(), decision.outcomes)
        }
    }

    func blocked(_ groups: [PostingGroup], deadline: Deadline) async throws -> Set<Int> {
        let locked = try await pool.query(
            PostingStatements.locked(groups), deadline: deadline.instant
        ).map { try $0.decode((Int64, Bool).self) }
        // All deposits of a currency want its cash account, and somebody may have it locked whenever one
        // looks. Only when no other is locked is it the one that was waited for.
        let isOnlyCash = locked.allSatisfy { _, isCash in isCash }
        return Set(
            locked.filter { _, isCash in isOnlyCash || !isCash }.map { place, _ in Int(place) })
    }
}
