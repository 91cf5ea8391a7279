import Chain
import Ledger
import Postgres
import Synchronization

@testable import BalanceService

extension PostingTransactions {
    /// Nobody keeps an account locked where these are tried.
    func postFree(_ batch: PostingBatch, deadline: Deadline) async throws -> [PostedGroup] {
        try await post(batch, deadline: deadline)
    }
}

/// Posters with a mistake, which the checks must find.
enum BrokenPosters {
    static let withoutLocks: PostingMaker = { WithoutLocks(pool: $0, ledger: $1) }
    static let withoutIdempotency: PostingMaker = {
        WithoutIdempotency(store: PostingStore(pool: $0, ledger: $1))
    }
    static let answeringBeforeCommit: PostingMaker = {
        AnsweringBeforeCommit(pool: $0, ledger: $1)
    }
}

/// Reads the balances that it changes without locking them, and takes no notice when somebody else was
/// faster: the schema alone would not let it.
private struct WithoutLocks: PostingTransactions {
    let pool: PostgresPool
    let ledger: LedgerIdentityReader

    func post(_ batch: PostingBatch, deadline: Deadline) async throws -> [PostedGroup] {
        let bank = try await ledger.identity(deadline: deadline).bank
        let subjects = PostingSubjects(of: batch)
        return try await pool.transaction(
            opening: [
                """
                SELECT id, bank, currency, kind, closed_at IS NOT NULL, overdraft_limit,
                    balance, held, version, changed_at, owner
                FROM teller.accounts
                WHERE id = ANY (\(Array(subjects.accounts))) OR kind = 'cash' ORDER BY id
                """
            ] + PostingStatements.reading(subjects) + ["SELECT pg_sleep(0.005)"],
            deadline: deadline.instant
        ) { opened in
            let decision = try PostingDecision(batch, on: Array(opened.dropLast()), bank: bank)
            let changes = decision.changes
            let entries = changes.entries
            let insert: PostgresQuery = """
                INSERT INTO teller.entries (account_id, version, amount, balance_after, posted_at,
                    transfer_id)
                SELECT * FROM unnest(\(entries.map(\.account.number)), \(entries.map(\.version)),
                    \(entries.map(\.amount)), \(entries.map(\.balanceAfter)),
                    \(entries.map(\.postedAt)),
                    \(entries.map(\.transfer)))
                ON CONFLICT DO NOTHING
                """
            let closing = [
                PostingStatements.insert(changes.transfers), insert,
                Self.update(changes.accounts),
            ]
            return (changes.transfers.isEmpty ? [] : closing, decision.outcomes)
        }
    }

    private static func update(_ accounts: [LockedAccount]) -> PostgresQuery {
        """
        UPDATE teller.accounts
        SET balance = after.balance, held = after.held, version = after.version,
            changed_at = after.changed_at
        FROM unnest(\(accounts.map(\.number.number)), \(accounts.map(\.balance)),
            \(accounts.map(\.held)), \(accounts.map(\.version)),
            \(accounts.map(\.changedAt)))
            AS after (id, balance, held, version, changed_at)
        WHERE accounts.id = after.id
        """
    }
}

/// Gives each request an id of its own, so that none is ever a repeat.
private struct WithoutIdempotency: PostingTransactions {
    let store: PostingStore

    func post(_ batch: PostingBatch, deadline: Deadline) async throws -> [PostedGroup] {
        var batch = batch
        for group in batch.groups.indices {
            for index in batch.groups[group].transfers.indices {
                batch.groups[group].transfers[index].id = .random()
            }
        }
        return try await store.post(batch, deadline: deadline)
    }
}

/// Answers the outcome that a batch will have, and commits it with the next one.
private final class AnsweringBeforeCommit: PostingTransactions {
    private let pool: PostgresPool
    private let store: PostingStore
    private let ledger: LedgerIdentityReader
    private let waiting = Mutex<PostingBatch?>(nil)

    init(pool: PostgresPool, ledger: LedgerIdentityReader) {
        self.pool = pool
        self.ledger = ledger
        store = PostingStore(pool: pool, ledger: ledger)
    }

    func post(_ batch: PostingBatch, deadline: Deadline) async throws -> [PostedGroup] {
        let last = waiting.withLock { waiting in
            defer { waiting = batch }
            return waiting
        }
        if let last { _ = try await store.post(last, deadline: deadline) }
        let bank = try await ledger.identity(deadline: deadline).bank
        let subjects = PostingSubjects(of: batch)
        return try await pool.transaction(
            opening: PostingStatements.opening(subjects), deadline: deadline.instant
        ) { opened in ([], try PostingDecision(batch, on: opened, bank: bank).outcomes) }
    }
}
