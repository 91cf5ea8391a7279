/// What a caller asks of the ledger under an id. The id is the idempotency key: the same request under
/// it gets the same outcome, however often and wherever it is asked.
public struct TransferRequest: Hashable, Sendable {
    public enum Action: Hashable, Sendable {
        /// Moves money now.
        case transfer(debit: AccountNumber, credit: AccountNumber, amount: Money)
        /// Moves money from the bank's cash account of the currency.
        case deposit(credit: AccountNumber, amount: Money)
        /// Moves money to the bank's cash account of the currency.
        case withdrawal(debit: AccountNumber, amount: Money)
        /// Promises money: it stays in the debit account's balance and is no longer available there.
        /// It expires so many seconds after it was made, by the database's clock.
        case hold(debit: AccountNumber, credit: AccountNumber, amount: Money, seconds: Int64)
        /// Moves what a hold promised, or a part of it, and frees the rest.
        case post(hold: Identifier, amount: Money?)
        /// Frees what a hold promised.
        case void(hold: Identifier)
        /// Moves the money of a transfer back.
        case reversal(of: Identifier)
    }

    /// Made by the client.
    public var id: Identifier
    public var action: Action
    public var memo: ShortText?
    /// Who asks, and must have the right to; nil where nobody has to say so.
    public var asker: Asker?

    public init(
        id: Identifier, action: Action, memo: ShortText? = nil, asker: Asker? = nil
    ) {
        self.id = id
        self.action = action
        self.memo = memo
        self.asker = asker
    }

    /// How long a hold lasts when nothing is said, in seconds: a quarter of an hour.
    public static let defaultHoldSeconds: Int64 = 900
    /// How long a hold may last, in seconds: up to 31 days.
    public static let holdSeconds: ClosedRange<Int64> = 1...2_678_400
}

/// The kinds of ``TransferRequest/Action``, by the names that all hops and the database use.
public enum TransferKind: String, Hashable, Sendable, CaseIterable {
    case transfer, deposit, withdrawal, hold, post, void, reversal

    /// Whether it moves money, and so makes two entries.
    public var movesMoney: Bool { self != .hold && self != .void }
}

extension TransferRequest {
    public var kind: TransferKind {
        switch action {
        case .transfer: .transfer
        case .deposit: .deposit
        case .withdrawal: .withdrawal
        case .hold: .hold
        case .post: .post
        case .void: .void
        case .reversal: .reversal
        }
    }

    /// The accounts that the request itself names.
    public var namedAccounts: [AccountNumber] {
        switch action {
        case .transfer(let debit, let credit, _), .hold(let debit, let credit, _, _):
            [debit, credit]
        case .deposit(let account, _), .withdrawal(let account, _): [account]
        case .post, .void, .reversal: []
        }
    }

    /// The hold or the transfer that the request is about, and whose accounts it concerns.
    public var subject: Identifier? {
        switch action {
        case .post(let hold, _), .void(let hold): hold
        case .reversal(let transfer): transfer
        case .transfer, .deposit, .withdrawal, .hold: nil
        }
    }

    /// The currency whose cash account the request concerns.
    public var cashCurrency: Currency? {
        switch action {
        case .deposit(_, let amount), .withdrawal(_, let amount): amount.currency
        default: nil
        }
    }
}
