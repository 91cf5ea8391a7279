public import Ledger

/// The body of `POST /v1/accounts`, which opens an account and answers it.
public struct OpenAccount: Sendable, Hashable, Codable {
    /// The idempotency key: repeated, it answers the same account.
    public var id: Identifier
    public var ledger: Identifier?
    public var name: ShortText
    /// How far below zero its balance may go, not negative; its currency is the account's.
    public var overdraftLimit: Money

    public init(id: Identifier, ledger: Identifier?, name: ShortText, overdraftLimit: Money) {
        self.id = id
        self.ledger = ledger
        self.name = name
        self.overdraftLimit = overdraftLimit
    }

    private enum CodingKeys: String, CodingKey {
        case id, ledger, name, currency
        case overdraftLimit = "overdraft_limit"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        id = try container.decode(Identifier.self, forKey: .id)
        ledger = try container.decodeIfPresent(Identifier.self, forKey: .ledger)
        name = try container.decode(ShortText.self, forKey: .name)
        let currency = try container.decode(Currency.self, forKey: .currency)
        overdraftLimit =
            container.contains(.overdraftLimit)
            ? try container.decodeMoney(forKey: .overdraftLimit, in: currency)
            : Money(minorUnits: 0, currency: currency)
        guard overdraftLimit.minorUnits >= 0 else {
            throw DecodingError.dataCorruptedError(
                forKey: .overdraftLimit, in: container,
                debugDescription: "a limit is not negative")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encodeIfPresent(ledger, forKey: .ledger)
        try container.encode(name, forKey: .name)
        try container.encode(overdraftLimit.currency, forKey: .currency)
        try container.encode(overdraftLimit.decimalString, forKey: .overdraftLimit)
    }
}

/// The body of `POST /v1/accounts/{account}/close`, which answers the closed account.
public struct CloseAccount: Sendable, Hashable, Codable {
    public var id: Identifier
    public var ledger: Identifier?

    public init(id: Identifier, ledger: Identifier?) {
        self.id = id
        self.ledger = ledger
    }
}

/// The answer of `GET /v1/bank`.
public struct Bank: Sendable, Hashable, Codable {
    /// The four letters in its account numbers.
    public var bank: String
    /// Which of all ledgers this one is.
    public var ledger: Identifier

    public init(bank: String, ledger: Identifier) {
        self.bank = bank
        self.ledger = ledger
    }
}
