public import Ledger

/// On hop 1 a request is flat: its kind says which of the other members it has.
extension TransferRequest: Codable {
    enum CodingKeys: String, CodingKey {
        case id, kind, amount, currency, memo, hold, reverses
        case debitAccount = "debit_account"
        case creditAccount = "credit_account"
        /// How long a hold lasts, in seconds.
        case expiresIn = "expires_in"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            id: try container.decode(Identifier.self, forKey: .id),
            action: try Action(container),
            memo: try container.decodeIfPresent(ShortText.self, forKey: .memo))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(kind.rawValue, forKey: .kind)
        try container.encodeIfPresent(memo, forKey: .memo)
        try action.encode(to: &container)
    }
}

extension TransferRequest.Action {
    fileprivate typealias Keys = TransferRequest.CodingKeys

    fileprivate init(_ container: KeyedDecodingContainer<Keys>) throws {
        func account(_ key: Keys) throws -> AccountNumber {
            try container.decode(AccountNumber.self, forKey: key)
        }
        func amount() throws -> Money {
            let currency = try container.decode(Currency.self, forKey: .currency)
            return try container.decodeMoney(forKey: .amount, in: currency)
        }
        let name = try container.decode(String.self, forKey: .kind)
        guard let kind = TransferKind(rawValue: name) else {
            throw DecodingError.dataCorruptedError(
                forKey: .kind, in: container, debugDescription: "not a kind of transfer")
        }
        switch kind {
        case .transfer:
            self = .transfer(
                debit: try account(.debitAccount), credit: try account(.creditAccount),
                amount: try amount())
        case .deposit: self = .deposit(credit: try account(.creditAccount), amount: try amount())
        case .withdrawal:
            self = .withdrawal(debit: try account(.debitAccount), amount: try amount())
        case .hold:
            self = .hold(
                debit: try account(.debitAccount), credit: try account(.creditAccount),
                amount: try amount(), seconds: try Self.holdSeconds(container))
        case .post:
            self = .post(
                hold: try container.decode(Identifier.self, forKey: .hold),
                // Both or neither.
                amount: container.contains(.amount) || container.contains(.currency)
                    ? try amount() : nil)
        case .void: self = .void(hold: try container.decode(Identifier.self, forKey: .hold))
        case .reversal:
            self = .reversal(of: try container.decode(Identifier.self, forKey: .reverses))
        }
    }

    private static func holdSeconds(_ container: KeyedDecodingContainer<Keys>) throws -> Int64 {
        let seconds =
            try container.decodeIfPresent(Int64.self, forKey: .expiresIn)
            ?? TransferRequest.defaultHoldSeconds
        guard TransferRequest.holdSeconds.contains(seconds) else {
            throw DecodingError.dataCorruptedError(
                forKey: .expiresIn, in: container,
                debugDescription: "a hold lasts 1 second to 31 days")
        }
        return seconds
    }

    fileprivate func encode(to container: inout KeyedEncodingContainer<Keys>) throws {
        switch self {
        case .transfer(let debit, let credit, let amount):
            try container.encode(debit, forKey: .debitAccount)
            try container.encode(credit, forKey: .creditAccount)
            try container.encode(amount)
        case .deposit(let credit, let amount):
            try container.encode(credit, forKey: .creditAccount)
            try container.encode(amount)
        case .withdrawal(let debit, let amount):
            try container.encode(debit, forKey: .debitAccount)
            try container.encode(amount)
        case .hold(let debit, let credit, let amount, let seconds):
            try container.encode(debit, forKey: .debitAccount)
            try container.encode(credit, forKey: .creditAccount)
            try container.encode(amount)
            try container.encode(seconds, forKey: .expiresIn)
        case .post(let hold, let amount):
            try container.encode(hold, forKey: .hold)
            if let amount { try container.encode(amount) }
        case .void(let hold): try container.encode(hold, forKey: .hold)
        case .reversal(let transfer): try container.encode(transfer, forKey: .reverses)
        }
    }
}

extension KeyedEncodingContainer<TransferRequest.CodingKeys> {
    fileprivate mutating func encode(_ amount: Money) throws {
        try encode(amount.decimalString, forKey: .amount)
        try encode(amount.currency, forKey: .currency)
    }
}
