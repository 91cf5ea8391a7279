import Chain
import Ledger
import Postgres

/// Opens and closes accounts, once for each id. A refusal is kept under the id as well.
struct AccountWriter: Sendable {
    let pool: PostgresPool
    /// The four letters of the bank, while there are no accounts that have them.
    let bank: String

    /// - Parameter session: Of whoever asks; it is looked up again where it is written.
    /// - Throws: ``RepeatableTransaction/OutcomeUnknown``; any other error: nothing was done.
    func outcome(
        of request: AccountRequest, by session: CallerSession, deadline: Deadline
    ) async throws -> AccountOutcome {
        do {
            return try await RepeatableTransaction(pool: pool).run(deadline: deadline) {
                try await outcome(of: request, by: session, $0, mayBeDone: $1)
            }
        } catch let error as PostgresTransactionError where error.underlying is SignedOut {
            return .signedOut
        }
    }

    /// The session ended while its transaction waited: nothing is done.
    private struct SignedOut: Error {}

    private func outcome(
        of request: AccountRequest, by session: CallerSession, _ transaction: BoundTransaction,
        mayBeDone: Bool
    ) async throws -> AccountOutcome {
        let found = try await transaction.pipeline([
            LedgerIdentity.query, Self.query(request.id), CallerSession.live([session.hash]),
        ])
        let ledger = try LedgerIdentity(found.first, bank: bank)
        guard request.ledger ?? ledger.id == ledger.id else { return .otherLedger }
        var request = request
        if case .close(let number) = request.action, number?.bank != ledger.bank {
            request.action = .close(nil)
        }
        let asker = try CallerSession.askers(found[2])[session.hash]
        let mayWrite = asker?.may(request.action.act) == true
        // What was done while the session went on is told all the same.
        if mayWrite || mayBeDone,
            let known = try await known(
                request, asker ?? session.asker, ledger, found[1].first, transaction)
        {
            // The answer rests on what was found.
            _ = try await transaction.query(.barrier)
            return known
        }
        guard mayWrite, let asker else {
            if mayBeDone { throw RepeatableTransaction.OutcomeUnknown() }
            return asker == nil ? .signedOut : .refused(.forbidden)
        }
        let outcome = try await write(request, by: asker, at: ledger, transaction)
        // Perhaps a lock was waited for, however long.
        let live = try await transaction.query(CallerSession.live([session.hash]))
        guard !live.isEmpty else { throw SignedOut() }
        return outcome
    }

    private func write(
        _ request: AccountRequest, by asker: Asker, at ledger: LedgerIdentity,
        _ transaction: BoundTransaction
    ) async throws -> AccountOutcome {
        switch request.action {
        case .open(let wanted):
            try await open(wanted, for: request.id, by: asker.name, at: ledger, transaction)
        case .close(let number):
            try await close(number?.number, for: request.id, by: asker.name, transaction)
        }
    }

    /// The outcome, when there is one already: of the same request, or of another under its id.
    private func known(
        _ request: AccountRequest, _ asker: Asker, _ ledger: LedgerIdentity, _ row: PostgresRow?,
        _ transaction: BoundTransaction
    ) async throws -> AccountOutcome? {
        guard let row, let kept = try KeptAccountRequest(row, bank: ledger.bank) else {
            if try row?.decode(Bool.self, at: 0) == true {
                return .refused(.idUsedWithOtherContent)
            }
            return request.id.isReserved ? .refused(.idInvalid) : nil
        }
        guard kept.action == request.action,
            kept.requestedBy == nil || kept.requestedBy == asker.name
        else { return .refused(.idUsedWithOtherContent) }
        if let refusal = kept.refusal { return .refused(refusal) }
        let rows = try await transaction.query(
            AccountStore.query(withIDs: kept.account.map { [$0] } ?? []))
        guard let row = rows.first else {
            throw LedgerDamaged("the account of request \(request.id) is missing")
        }
        let account = try AccountRow(row)
        if case .open = kept.action { return .account(account.asItWasOpened) }
        return .account(account)
    }

    private static func query(_ id: Identifier) -> PostgresQuery {
        """
        SELECT
            EXISTS (SELECT FROM teller.transfers WHERE id = \(id)),
            requests.kind, requests.account_id, requests.name, requests.currency,
            requests.overdraft_limit, requests.refusal,
            requests.owner, requests.requested_by
        FROM teller.ledger
        LEFT JOIN teller.account_requests AS requests ON requests.id = \(id)
        """
    }

    /// Keeps a request with its outcome. A second one with the id waits here for the first, and then finds
    /// its outcome.
    ///
    /// - Parameter insert: Returns a row, unless the id was there.
    func keep(_ insert: PostgresQuery, _ transaction: BoundTransaction) async throws -> PostgresRow
    {
        guard let row = try await transaction.query(insert).first else {
            throw RepeatableTransaction.LostRace(description: "the id was used at the same time")
        }
        return row
    }
}

extension AccountRow {
    /// An account as it was when it was opened, whatever was posted to it since.
    fileprivate var asItWasOpened: AccountRow {
        var row = self
        (row.balance, row.held, row.version, row.closedAt) = (0, 0, 0, nil)
        return row
    }
}

extension AccountRequest.Action {
    fileprivate var act: Act {
        switch self {
        case .open: .openAccount
        case .close: .closeAccount
        }
    }
}
