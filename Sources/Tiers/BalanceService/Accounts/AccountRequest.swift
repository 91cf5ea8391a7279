import BalanceAPI
import Chain
import Ledger
import Postgres

/// A request to open or to close an account, with its id.
struct AccountRequest: Sendable {
    enum Action: Sendable, Equatable {
        case open(name: ShortText, currency: Currency, overdraftLimit: Int64)
        case close(AccountNumber)
    }

    /// The idempotency key.
    var id: Identifier
    /// The ledger it is meant for; `nil`: whichever this is.
    var ledger: Identifier?
    var action: Action
}

/// The outcome of an ``AccountRequest``; a repeat gets an equal one.
enum AccountOutcome: Sendable {
    case account(AccountRow)
    case refused(Refusal)
    case otherLedger
}

/// What the ledger knows of a request before it is done.
struct AccountRequestState: Sendable {
    let identity: LedgerIdentity
    /// The outcome, when there is one already: of the same request, or of another under its id.
    let settled: AccountOutcome?

    /// - Parameter bank: The bank that keeps the ledger, while no account tells.
    init(
        of request: AccountRequest, bank: String, on connection: PostgresConnection,
        deadline: Deadline
    ) async throws {
        let results = try await connection.pipeline(
            [LedgerIdentity.query, Self.query(request.id)], deadline: deadline.instant)
        identity = try LedgerIdentity(results.first, bank: bank)
        let (isTransfer, row) = try (
            results[1].first?.decode(Bool.self, at: 0) ?? false, results[1].first.map(Kept.init)
        )
        if let ledger = request.ledger, ledger != identity.id {
            settled = .otherLedger
            return
        }
        if let kept = row, kept.kind != nil {
            settled = try await kept.outcome(
                for: request, of: identity, on: connection, deadline: deadline)
        } else if isTransfer {
            settled = .refused(.idUsedWithOtherContent)
        } else {
            settled = request.id.isReserved ? .refused(.idInvalid) : nil
        }
        // The answer will rest on what was found.
        if settled != nil { _ = try await connection.query(.barrier, deadline: deadline.instant) }
    }

    private static func query(_ id: Identifier) -> PostgresQuery {
        """
        SELECT
            EXISTS (SELECT FROM teller.transfers WHERE id = \(id)),
            requests.kind, requests.account_id, requests.name, requests.currency,
            requests.overdraft_limit, requests.refusal
        FROM teller.ledger
        LEFT JOIN teller.account_requests AS requests ON requests.id = \(id)
        """
    }
}

/// A row of teller.account_requests.
private struct Kept {
    let kind: String?
    let account: Int64?
    let name: String?
    let currency: String?
    let overdraftLimit: Int64?
    let refusal: String?

    init(_ row: PostgresRow) throws(PostgresDecodingError) {
        (_, kind, account, name, currency, overdraftLimit, refusal) = try row.decode(
            (Bool, String?, Int64?, String?, String?, Int64?, String?).self)
    }

    func outcome(
        for request: AccountRequest, of identity: LedgerIdentity,
        on connection: PostgresConnection, deadline: Deadline
    ) async throws -> AccountOutcome {
        guard isOf(request.action, bank: identity.bank) else {
            return .refused(.idUsedWithOtherContent)
        }
        if let refusal {
            guard let refusal = Refusal(rawValue: refusal) else {
                throw LedgerDamaged("the refusal of request \(request.id) is unknown")
            }
            return .refused(refusal)
        }
        let rows = try await connection.query(
            AccountStore.query(withIDs: account.map { [$0] } ?? []), deadline: deadline.instant)
        guard let row = rows.first else {
            throw LedgerDamaged("the account of request \(request.id) is missing")
        }
        let account = try AccountRow(row)
        return .account(kind == "open" ? account.asItWasOpened : account)
    }

    private func isOf(_ action: AccountRequest.Action, bank: String) -> Bool {
        switch action {
        case .open(let name, let currency, let limit):
            kind == "open" && self.name?.utf8.elementsEqual(name.description.utf8) == true
                && self.currency == currency.code && overdraftLimit == limit
        case .close(let number):
            kind == "close" && account == number.ownDigits(bank: bank)
        }
    }
}

extension AccountNumber {
    /// The ten digits under which this bank keeps the account; `nil` for another bank's.
    func ownDigits(bank: String) -> Int64? {
        self.bank == bank ? number : nil
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
