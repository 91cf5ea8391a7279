public import Ledger

/// The answer of `GET /v1/accounts/{account}/balance`.
public struct Balance: Sendable, Hashable, Codable {
    public var account: AccountNumber
    /// The account's name, as its holder knows it.
    public var name: String
    public var balance: Money
    /// The number of entries that made the balance: a later state has a higher one.
    public var version: Int64

    public init(account: AccountNumber, name: String, balance: Money, version: Int64) {
        self.account = account
        self.name = name
        self.balance = balance
        self.version = version
    }

    private enum CodingKeys: String, CodingKey {
        case account, name, currency, balance, version
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        account = try container.decode(AccountNumber.self, forKey: .account)
        name = try container.decode(String.self, forKey: .name)
        let currency = try container.decode(Currency.self, forKey: .currency)
        balance = try container.decodeMoney(forKey: .balance, in: currency)
        version = try container.decode(Int64.self, forKey: .version)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(account, forKey: .account)
        try container.encode(name, forKey: .name)
        try container.encode(balance.currency, forKey: .currency)
        try container.encode(balance.decimalString, forKey: .balance)
        try container.encode(version, forKey: .version)
    }
}
