public import Ledger

/// The body of `POST /v1/accounts`, which opens an account and answers it.
public struct OpenAccount: Sendable, Hashable, Codable {
    /// The idempotency key: repeated, it answers the same account.
    public var id: Identifier
    public var ledger: Identifier?
    public var name: ShortText
    /// How far below zero its balance may go, not negative; its currency is the account's.
    public var overdraftLimit: Money
    /// Whose it is to be; `nil`: nobody's, as the bank's own are.
    public var owner: UserName?

    public init(
        id: Identifier, ledger: Identifier?, name: ShortText, overdraftLimit: Money,
        owner: UserName? = nil
    ) {
        self.id = id
        self.ledger = ledger
        self.name = name
        self.overdraftLimit = overdraftLimit
        self.owner = owner
    }

    private enum CodingKeys: String, CodingKey {
        case id, ledger, name, currency, owner
        case overdraftLimit = "overdraft_limit"
    }

    public init(from decoder: any Decoder) throws {
        try self.init(decoder) { object throws(Problem) in try Self(object) }
    }

    /// - Throws: What is wrong with the body.
    public init(body: [UInt8]) throws(Problem) { try self.init(JSONObject(body)) }

    private init(_ object: JSONObject) throws(Problem) {
        try object.allow(["id", "ledger", "name", "currency", "overdraft_limit", "owner"])
        let currency = try object.required("currency", object.currency)
        overdraftLimit =
            try object.money("overdraft_limit", in: currency)
            ?? Money(minorUnits: 0, currency: currency)
        guard overdraftLimit.minorUnits >= 0 else {
            throw object.problem("overdraft_limit", "a limit is not negative")
        }
        id = try object.required("id", object.identifier)
        ledger = try object.identifier("ledger")
        name = try object.required("name", object.shortText)
        owner = try object.userName("owner")
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encodeIfPresent(ledger, forKey: .ledger)
        try container.encode(name, forKey: .name)
        try container.encode(overdraftLimit.currency, forKey: .currency)
        try container.encode(overdraftLimit.decimalString, forKey: .overdraftLimit)
        try container.encodeIfPresent(owner?.description, forKey: .owner)
    }
}

/// The body of `POST /v1/accounts/{account}/close`, which answers the closed account.
public struct CloseAccount: Sendable, Hashable, Encodable {
    public var id: Identifier
    public var ledger: Identifier?

    public init(id: Identifier, ledger: Identifier?) {
        self.id = id
        self.ledger = ledger
    }

    /// - Throws: What is wrong with the body.
    public init(body: [UInt8]) throws(Problem) {
        let object = try JSONObject(body)
        try object.allow(["id", "ledger"])
        id = try object.required("id", object.identifier)
        ledger = try object.identifier("ledger")
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
