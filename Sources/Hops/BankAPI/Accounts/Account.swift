public import Ledger

/// The answer of `GET /v1/accounts/{account}`, and a member of ``AccountsPage``.
public struct Account: Sendable, Hashable, Codable {
    public var account: AccountNumber
    /// The account's name, as its holder knows it.
    public var name: String
    public var balance: Money
    /// In the balance, but promised to someone.
    public var held: Money
    /// How far below zero the balance may go; `nil`: without limit.
    public var overdraftLimit: Money?
    /// The number of entries that made the balance.
    public var version: Int64
    public var openedAt: Timestamp
    /// `nil` while the account is open.
    public var closedAt: Timestamp?

    public init(
        account: AccountNumber, name: String, balance: Money, held: Money,
        overdraftLimit: Money?, version: Int64, openedAt: Timestamp, closedAt: Timestamp?
    ) {
        self.account = account
        self.name = name
        self.balance = balance
        self.held = held
        self.overdraftLimit = overdraftLimit
        self.version = version
        self.openedAt = openedAt
        self.closedAt = closedAt
    }

    /// What can be spent without the overdraft: the balance less what is held; nil where 64 bits cannot
    /// tell it.
    public var available: Money? { try? balance.subtracting(held) }

    private enum CodingKeys: String, CodingKey {
        case account, name, currency, balance, held, available, version
        case overdraftLimit = "overdraft_limit"
        case openedAt = "opened_at"
        case closedAt = "closed_at"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        account = try container.decode(AccountNumber.self, forKey: .account)
        name = try container.decode(String.self, forKey: .name)
        let currency = try container.decode(Currency.self, forKey: .currency)
        balance = try container.decodeMoney(forKey: .balance, in: currency)
        held = try container.decodeMoney(forKey: .held, in: currency)
        if container.contains(.overdraftLimit) {
            overdraftLimit = try container.decodeMoney(forKey: .overdraftLimit, in: currency)
        }
        version = try container.decode(Int64.self, forKey: .version)
        openedAt = try container.decode(Timestamp.self, forKey: .openedAt)
        closedAt = try container.decodeIfPresent(Timestamp.self, forKey: .closedAt)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(account, forKey: .account)
        try container.encode(name, forKey: .name)
        try container.encode(balance.currency, forKey: .currency)
        try container.encode(balance.decimalString, forKey: .balance)
        try container.encode(held.decimalString, forKey: .held)
        try container.encodeIfPresent(available?.decimalString, forKey: .available)
        try container.encodeIfPresent(overdraftLimit?.decimalString, forKey: .overdraftLimit)
        try container.encode(version, forKey: .version)
        try container.encode(openedAt, forKey: .openedAt)
        try container.encodeIfPresent(closedAt, forKey: .closedAt)
    }
}

/// The answer of `GET /v1/accounts`.
public struct AccountsPage: Sendable, Hashable, Codable {
    /// In the order of their numbers.
    public var accounts: [Account]
    /// What to ask the next page with; `nil` on the last one.
    public var nextPageToken: String?

    public init(accounts: [Account], nextPageToken: String?) {
        self.accounts = accounts
        self.nextPageToken = nextPageToken
    }

    private enum CodingKeys: String, CodingKey {
        case accounts
        case nextPageToken = "next_page_token"
    }
}
