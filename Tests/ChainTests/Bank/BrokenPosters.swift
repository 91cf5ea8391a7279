import Chain
import Ledger
import Postgres
import Synchronization

@testable import BalanceService

// Posters with one mistake each, to see that the bank test finds it.

extension PostingTransactions {
    /// Nobody keeps an account locked where these are tried.
    func postFree(_ batch: PostingBatch, deadline: Deadline) async throws -> [PostedGroup] {
        try await post(batch, deadline: deadline)
    }
}

/// Decides on accounts that it has not locked, so that one of two who read the same balance undoes
/// the other's work. Made from the real statements, but for what the database would refuse.
struct PostingWithoutLock: PostingTransactions {
    let pool: PostgresPool
    let ledger: LedgerIdentityReader

    func post(_ batch: PostingBatch, deadline: Deadline) async throws -> [PostedGroup] {
        let bank = try await ledger.identity(deadline: deadline).bank
        let subjects = PostingSubjects(of: batch)
        return try await pool.transaction(
            opening: [Self.read(subjects)] + PostingStatements.reading(subjects),
            deadline: deadline.instant
        ) { opened in
            let decision = try PostingDecision(batch, on: opened, bank: bank)
            return (Self.write(decision.changes), decision.outcomes)
        }
    }

    /// As ``PostingStatements/lock(_:)``, without the lock.
    private static func read(_ subjects: PostingSubjects) -> PostgresQuery {
        """
        SELECT id, bank, currency, kind, closed_at IS NOT NULL, overdraft_limit,
            balance, held, version, changed_at, owner
        FROM teller.accounts
        WHERE id = ANY (\(Array(subjects.accounts)))
            OR kind = 'cash' AND currency = ANY (\(Array(subjects.currencies)))
            OR id IN (
                SELECT unnest(ARRAY[debit_account, credit_account]) FROM teller.transfers
                WHERE id = ANY (\(Array(subjects.transfers)))
            )
        """
    }

    /// The accounts first: their new versions number the entries, or these would collide.
    private static func write(_ changes: Posting.Changes) -> [PostgresQuery] {
        var statements: [PostgresQuery] = []
        if !changes.accounts.isEmpty { statements.append(update(changes)) }
        if !changes.transfers.isEmpty {
            statements.append(PostingStatements.insert(changes.transfers))
        }
        if !changes.newHolds.isEmpty {
            statements.append(PostingStatements.insert(changes.newHolds))
        }
        if !changes.resolvedHolds.isEmpty {
            statements.append(PostingStatements.update(changes.resolvedHolds))
        }
        if !changes.entries.isEmpty { statements.append(insert(changes)) }
        return statements
    }

    private static func update(_ changes: Posting.Changes) -> PostgresQuery {
        let accounts = changes.accounts
        let steps = accounts.map { account in
            Int64(changes.entries.count { $0.account == account.number })
        }
        return """
            UPDATE teller.accounts
            SET balance = after.balance, held = after.held,
                version = accounts.version + after.steps,
                changed_at = greatest(accounts.changed_at, after.changed_at)
            FROM unnest(\(accounts.map(\.number.number)), \(accounts.map(\.balance)),
                \(accounts.map(\.held)), \(steps),
                \(accounts.map(\.changedAt)))
                AS after (id, balance, held, steps, changed_at)
            WHERE accounts.id = after.id
            """
    }

    private static func insert(_ changes: Posting.Changes) -> PostgresQuery {
        let entries = changes.entries
        let last = changes.accounts.reduce(into: [:]) { $0[$1.number] = $1.version }
        return """
            INSERT INTO teller.entries (account_id, version, amount, balance_after, posted_at,
                transfer_id)
            SELECT account_id, accounts.version - behind, amount, balance_after, posted_at,
                transfer_id
            FROM unnest(\(entries.map(\.account.number)),
                \(entries.map { (last[$0.account] ?? $0.version) - $0.version }),
                \(entries.map(\.amount)), \(entries.map(\.balanceAfter)),
                \(entries.map(\.postedAt)), \(entries.map(\.transfer)))
                AS entry (account_id, behind, amount, balance_after, posted_at, transfer_id)
            JOIN teller.accounts ON accounts.id = account_id
            """
    }
}

/// Does a request again whenever it is asked again.
final class PostingWithoutIdempotency: PostingTransactions {
    private let real: any PostingTransactions
    private let asked = Mutex<Set<Identifier>>([])

    init(_ real: any PostingTransactions) {
        self.real = real
    }

    func post(_ batch: PostingBatch, deadline: Deadline) async throws -> [PostedGroup] {
        var batch = batch
        var first: [Identifier: Identifier] = [:]
        for group in batch.groups.indices {
            for index in batch.groups[group].transfers.indices {
                let id = batch.groups[group].transfers[index].id
                guard !asked.withLock({ $0.insert(id).inserted }) else { continue }
                var random = SystemRandomNumberGenerator()
                let other = Identifier.version7(milliseconds: id.high >> 16, using: &random)
                batch.groups[group].transfers[index].id = other
                first[other] = id
            }
        }
        let outcomes = try await real.post(batch, deadline: deadline)
        return outcomes.map { group in
            guard case .outcomes(let outcomes) = group else { return group }
            return .outcomes(
                outcomes.map { outcome in
                    guard case .done(var record) = outcome else { return outcome }
                    record.id = first[record.id] ?? record.id
                    return .done(record)
                })
        }
    }
}

/// Answers when it has decided, and commits afterwards.
final class PostingAnsweredBeforeCommit: PostingTransactions {
    private let pool: PostgresPool
    private let ledger: LedgerIdentityReader

    init(pool: PostgresPool, ledger: LedgerIdentityReader) {
        self.pool = pool
        self.ledger = ledger
    }

    func post(_ batch: PostingBatch, deadline: Deadline) async throws -> [PostedGroup] {
        let bank = try await ledger.identity(deadline: deadline).bank
        let subjects = PostingSubjects(of: batch)
        let (decided, decide) = AsyncThrowingStream<[PostedGroup], any Error>.makeStream()
        // Nobody waits for it, which is the mistake. It ends with its deadline.
        Task { [pool] in
            do {
                try await pool.transaction(
                    opening: PostingStatements.opening(subjects), deadline: deadline.instant
                ) { opened in
                    let decision = try PostingDecision(batch, on: opened, bank: bank)
                    decide.yield(decision.outcomes)
                    let writing = decision.statements()
                    return (writing.isEmpty ? [] : ["SELECT pg_sleep(0.01)"] + writing, ())
                }
                decide.finish()
            } catch {
                decide.finish(throwing: error)
            }
        }
        for try await outcomes in decided { return outcomes }
        throw CancellationError()
    }
}
