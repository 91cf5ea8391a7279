public import Ledger

/// What the bank keeps of a transfer: the answer of `POST /v1/transfers` when it was done, the same
/// however often the request is repeated, and of `GET /v1/transfers/{id}`, also when it was refused.
public struct Transfer: Sendable, Hashable, Codable {
    public var record: RecordedTransfer

    public init(_ record: RecordedTransfer) {
        self.record = record
    }

    enum CodingKeys: String, CodingKey {
        case id, kind, amount, currency, memo, hold, reverses, refusal
        case debitAccount = "debit_account"
        case creditAccount = "credit_account"
        /// The account's version with this transfer: what `at_least_version` takes.
        case debitVersion = "debit_version"
        case debitBalance = "debit_balance"
        case creditVersion = "credit_version"
        case creditBalance = "credit_balance"
        /// How long a hold was to last, in seconds, and until when.
        case expiresIn = "expires_in"
        case expiresAt = "expires_at"
        case createdAt = "created_at"
    }

    public init(from decoder: any Decoder) throws {
        let received = try ReceivedTransfer(from: decoder)
        guard let record = received.record, record.refusal?.rawValue == received.refusal else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not one that is known"))
        }
        self.record = record
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(record.id, forKey: .id)
        try container.encode(record.kind.rawValue, forKey: .kind)
        try container.encodeIfPresent(record.debit, forKey: .debitAccount)
        try container.encodeIfPresent(record.credit, forKey: .creditAccount)
        try container.encodeIfPresent(record.memo, forKey: .memo)
        try container.encodeIfPresent(record.hold, forKey: .hold)
        try container.encodeIfPresent(record.reverses, forKey: .reverses)
        try container.encodeIfPresent(record.holdSeconds, forKey: .expiresIn)
        try container.encodeIfPresent(record.expiresAt, forKey: .expiresAt)
        try container.encode(record.createdAt, forKey: .createdAt)
        try container.encodeIfPresent(record.refusal?.rawValue, forKey: .refusal)
        guard let amount = record.amount else { return }
        try container.encode(amount.decimalString, forKey: .amount)
        try container.encode(amount.currency, forKey: .currency)
        func encode(
            _ leg: RecordedTransfer.Leg?, _ version: CodingKeys, _ balance: CodingKeys
        ) throws {
            guard let leg else { return }
            let after = Money(minorUnits: leg.balanceAfter, currency: amount.currency)
            try container.encode(leg.version, forKey: version)
            try container.encode(after.decimalString, forKey: balance)
        }
        try encode(record.debitLeg, .debitVersion, .debitBalance)
        try encode(record.creditLeg, .creditVersion, .creditBalance)
    }
}
