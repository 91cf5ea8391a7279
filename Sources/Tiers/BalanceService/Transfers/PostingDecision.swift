import Chain
import Ledger
import Postgres

/// What a batch comes to, decided on what its transaction has locked and read.
struct PostingDecision: Sendable {
    /// Of each group, in order.
    let outcomes: [PostedGroup]
    let changes: Posting.Changes

    /// - Parameters:
    ///   - opened: The rows of ``PostingStatements/opening(_:)``.
    ///   - bank: The bank whose ledger it is.
    /// - Throws: ``SubjectNotLocked``, or an error of a row that makes no sense.
    init(_ batch: PostingBatch, on opened: [PostgresRows], bank: String) throws {
        guard opened.count == 6, let clock = opened[5].first else {
            throw LedgerDamaged("\(opened.count) answers to six statements")
        }
        let now: Timestamp = try clock.decode(at: 0)
        let accounts = try opened[0].map { try LockedAccount($0) }
        let recorded = try opened[1].map { try RecordedTransfer($0, bank: bank) }
        let usedOtherwise = try opened[2].map { try $0.decode(Identifier.self, at: 0) }
        let holds = try opened[3].map { try Hold($0, bank: bank) }
        let askers = try CallerSession.askers(opened[4])
        if !recorded.isEmpty || !holds.isEmpty {
            try Self.checkLocks(batch, recorded, holds, accounts)
        }
        var reversed: Set<Identifier> = []
        for (record, row) in zip(recorded, opened[1]) where try row.decode(at: 16) {
            reversed.insert(record.id)
        }
        var posting = Posting(
            accounts: accounts, recorded: recorded, reversed: reversed,
            usedOtherwise: Set(usedOtherwise), holds: holds, now: now)
        var isLate = false
        outcomes = batch.groups.map { group in
            isLate = group.deadline.hasPassed || isLate && group.follows
            if isLate && !batch.mayBeDone { return .late }
            guard let session = group.session else {
                return .outcomes(posting.apply(group.transfers))
            }
            guard let asker = askers[session.hash] else {
                // What was done while the session went on is told all the same.
                let known = posting.known(group.transfers.asked(by: session.asker))
                return batch.mayBeDone ? known.map { .outcomes($0) } ?? .signedOut : .signedOut
            }
            return .outcomes(posting.apply(group.transfers.asked(by: asker)))
        }
        changes = posting.changes
    }

    /// The statements that write it, or wait for what it rests on; none when there is no outcome.
    func statements() -> [PostgresQuery] {
        let statements = PostingStatements.write(changes)
        // Repeats only: their answers are what was found.
        let isFound = statements.isEmpty && outcomes.contains(where: \.isOutcome)
        return isFound ? [.barrier] : statements
    }

    /// What a request is about may have been committed after the accounts were looked up and before
    /// the records were read; or a hold after those, and before the holds were.
    private static func checkLocks(
        _ batch: PostingBatch, _ recorded: [RecordedTransfer], _ holds: [Hold],
        _ accounts: [LockedAccount]
    ) throws {
        let subjects = Set(batch.groups.lazy.flatMap(\.transfers).compactMap(\.subject))
        if subjects.isEmpty { return }
        let locked = Set(accounts.map(\.number))
        for record in recorded where record.refusal == nil && subjects.contains(record.id) {
            guard [record.debit, record.credit].allSatisfy({ $0.map(locked.contains) ?? true })
            else { throw SubjectNotLocked() }
        }
        for hold in holds where subjects.contains(hold.id) {
            guard locked.contains(hold.debit), locked.contains(hold.credit) else {
                throw SubjectNotLocked()
            }
        }
    }
}

extension [TransferRequest] {
    fileprivate func asked(by asker: Asker) -> [TransferRequest] {
        map { request in
            var request = request
            request.asker = asker
            return request
        }
    }
}

extension PostedGroup {
    fileprivate var isOutcome: Bool { if case .outcomes = self { true } else { false } }
}

/// A request is about something that came to be while its transaction began: run it again.
struct SubjectNotLocked: Error {}
