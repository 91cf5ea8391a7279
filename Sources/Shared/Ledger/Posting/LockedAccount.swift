/// An account as a posting finds it, locked, and leaves it.
public struct LockedAccount: Hashable, Sendable {
    public let number: AccountNumber
    public let currency: Currency
    public let kind: AccountKind
    /// Whose it is; nil: nobody's but the bank's.
    public let owner: UserName?
    public let isClosed: Bool
    /// How far below zero the balance may go less what is held, in minor units; nil: without limit.
    public let overdraftLimit: Int64?
    /// In minor units.
    public internal(set) var balance: Int64
    /// In the balance, but promised; in minor units, never negative.
    public internal(set) var held: Int64
    /// The count of its entries.
    public internal(set) var version: Int64
    /// When its last entry was posted, or when it was opened.
    public internal(set) var changedAt: Timestamp

    public init(
        number: AccountNumber, currency: Currency, kind: AccountKind = .customer,
        owner: UserName? = nil, isClosed: Bool = false,
        overdraftLimit: Int64?, balance: Int64, held: Int64, version: Int64, changedAt: Timestamp
    ) {
        self.number = number
        self.currency = currency
        self.kind = kind
        self.owner = owner
        self.isClosed = isClosed
        self.overdraftLimit = overdraftLimit
        self.balance = balance
        self.held = held
        self.version = version
        self.changedAt = changedAt
    }
}

/// Money promised from one account to another.
public struct Hold: Hashable, Sendable {
    public enum State: String, Hashable, Sendable, CaseIterable {
        case pending, posted, voided, expired
    }

    /// The id of the request that made it.
    public let id: Identifier
    public let debit: AccountNumber
    public let credit: AccountNumber
    public let amount: Money
    public let expiresAt: Timestamp
    public internal(set) var state: State
    /// The request that posted or voided it.
    public internal(set) var resolvedBy: Identifier?

    public init(
        id: Identifier, debit: AccountNumber, credit: AccountNumber, amount: Money,
        expiresAt: Timestamp, state: State = .pending, resolvedBy: Identifier? = nil
    ) {
        self.id = id
        self.debit = debit
        self.credit = credit
        self.amount = amount
        self.expiresAt = expiresAt
        self.state = state
        self.resolvedBy = resolvedBy
    }
}

/// One line in an account's book: never changed, never deleted.
public struct Entry: Hashable, Sendable {
    public let account: AccountNumber
    /// 1, 2, 3 … without gaps in each account.
    public let version: Int64
    /// In minor units: negative for the debit, positive for the credit.
    public let amount: Int64
    /// In minor units.
    public let balanceAfter: Int64
    public let postedAt: Timestamp
    public let transfer: Identifier

    public init(
        account: AccountNumber, version: Int64, amount: Int64, balanceAfter: Int64,
        postedAt: Timestamp, transfer: Identifier
    ) {
        self.account = account
        self.version = version
        self.amount = amount
        self.balanceAfter = balanceAfter
        self.postedAt = postedAt
        self.transfer = transfer
    }
}
