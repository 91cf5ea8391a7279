import Ledger
import Postgres

/// An account to be opened.
struct NewAccount: Sendable, Equatable {
    let name: ShortText
    let currency: Currency
    /// How far below zero its balance may go, in minor units, not negative.
    let limit: Int64
    /// Whose it is to be; `nil`: the bank's own.
    let owner: UserName?
}

/// A request to open or to close an account, with its id.
struct AccountRequest: Sendable {
    enum Action: Sendable, Equatable {
        case open(NewAccount)
        /// - Parameter account: `nil` stands for any account of another bank.
        case close(_ account: AccountNumber?)
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
    /// The session of whoever asked goes on no more; nothing was done.
    case signedOut
}

/// A request that has its outcome.
struct KeptAccountRequest {
    let action: AccountRequest.Action
    /// The ten digits of the account that was opened, or was to be closed.
    let account: Int64?
    let refusal: Refusal?
    /// Who asked for it; `nil`: it is older than people.
    let requestedBy: UserName?

    /// Reads the columns kind, account_id, name, currency, overdraft_limit, refusal, owner and requested_by,
    /// from the second on.
    ///
    /// - Parameter bank: Whose ledger it is.
    /// - Returns: `nil` when there is no such request.
    init?(_ row: PostgresRow, bank: String) throws {
        let (_, kind, account, name, currency, limit, code, owner, requestedBy) = try row.decode(
            (
                Bool, String?, Int64?, String?, String?, Int64?, String?, UserName?, UserName?
            ).self)
        guard let kind else { return nil }
        switch (kind, name, currency, limit) {
        case ("open", let name?, let currency?, let limit?):
            action = .open(
                NewAccount(
                    name: try ShortText(name), currency: try Currency(currency), limit: limit,
                    owner: owner))
        case ("close", _, _, _):
            action = .close(try account.map { try AccountNumber(bank: bank, number: $0) })
        default: throw LedgerDamaged("a request for an account is of the kind '\(kind)'")
        }
        refusal = code.flatMap { Refusal(rawValue: $0) }
        guard (refusal == nil) == (code == nil) else {
            throw LedgerDamaged("a request for an account was refused for an unknown reason")
        }
        self.account = account
        self.requestedBy = requestedBy
    }
}
