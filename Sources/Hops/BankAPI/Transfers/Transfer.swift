public import Ledger
public import NIOCore

/// What the bank keeps of a transfer: the answer of `POST /v1/transfers` when it was done, the same
/// however often the request is repeated, and of `GET /v1/transfers/{id}`, also when it was refused.
///
/// A later ledger may have kinds and refusals that are not known here: they are read and passed on.
public struct Transfer: Sendable, Hashable, WrittenBody, Decodable {
    /// The name of a `TransferKind`, or of one that a later ledger has.
    public let kind: String
    /// The code of what it was refused for, known or not; `nil` when it was done.
    public let refusal: String?
    /// All but the two texts.
    private let fields: RecordedTransfer

    public init(_ record: RecordedTransfer) {
        self.init(record, kind: record.kind.rawValue, refusal: record.refusal?.rawValue)
    }

    /// - Parameter fields: Where the kind or the refusal is not known, all but that.
    public init(_ fields: RecordedTransfer, kind: String, refusal: String?) {
        var fields = fields
        fields.refusal = nil
        self.fields = fields
        self.kind = kind
        self.refusal = refusal
    }

    public var id: Identifier { fields.id }
    public var isDone: Bool { refusal == nil }

    /// `nil` for a kind that is not known. Whether it was refused says ``refusal`` alone.
    public var record: RecordedTransfer? {
        guard TransferKind(rawValue: kind) != nil else { return nil }
        var record = fields
        record.refusal = refusal.flatMap(Refusal.init)
        return record
    }

    private enum CodingKeys: String, CodingKey {
        case id, kind, amount, currency, memo, hold, reverses, refusal
        case debitAccount = "debit_account"
        case creditAccount = "credit_account"
        /// The account's version with this transfer: what `at_least_version` takes.
        case debitVersion = "debit_version"
        case debitBalance = "debit_balance"
        case creditVersion = "credit_version"
        case creditBalance = "credit_balance"
        /// How long a hold was to last, in seconds.
        case expiresIn = "expires_in"
        case createdAt = "created_at"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let id = try container.decode(Identifier.self, forKey: .id)
        refusal = try container.decodeIfPresent(String.self, forKey: .refusal)
        kind = try container.decode(String.self, forKey: .kind)
        if let kind = TransferKind(rawValue: kind) {
            fields = try Self.fields(container, id, kind)
        } else {
            // Whatever else it has may be of another form, too.
            fields = RecordedTransfer(
                id: id, kind: .transfer, createdAt: Timestamp(microseconds: 0))
        }
    }

    private static func fields(
        _ container: KeyedDecodingContainer<CodingKeys>, _ id: Identifier, _ kind: TransferKind
    ) throws -> RecordedTransfer {
        let currency = try container.decodeIfPresent(Currency.self, forKey: .currency)
        func leg(_ version: CodingKeys, _ balance: CodingKeys) throws -> RecordedTransfer.Leg? {
            guard let currency, container.contains(version) else { return nil }
            return .init(
                version: try container.decode(Int64.self, forKey: version),
                balanceAfter: try container.decodeMoney(forKey: balance, in: currency).minorUnits)
        }
        return RecordedTransfer(
            id: id, kind: kind,
            debit: try container.decodeIfPresent(AccountNumber.self, forKey: .debitAccount),
            credit: try container.decodeIfPresent(AccountNumber.self, forKey: .creditAccount),
            amount: try currency.map { try container.decodeMoney(forKey: .amount, in: $0) },
            memo: try container.decodeIfPresent(ShortText.self, forKey: .memo),
            hold: try container.decodeIfPresent(Identifier.self, forKey: .hold),
            reverses: try container.decodeIfPresent(Identifier.self, forKey: .reverses),
            holdSeconds: try container.decodeIfPresent(Int64.self, forKey: .expiresIn),
            createdAt: try container.decode(Timestamp.self, forKey: .createdAt),
            debitLeg: try leg(.debitVersion, .debitBalance),
            creditLeg: try leg(.creditVersion, .creditBalance))
    }

    public func write(into buffer: inout ByteBuffer) {
        buffer.writeObject { buffer in
            buffer.writeMember(#""amount":""#, fields.amount?.decimalString)
            buffer.writeMember(#""created_at":""#, fields.createdAt.description)
            buffer.writeMember(#""credit_account":""#, fields.credit?.compact)
            buffer.writeMember(#""credit_balance":""#, balance(fields.creditLeg))
            buffer.writeMember(#""credit_version":"#, fields.creditLeg?.version)
            buffer.writeMember(#""currency":""#, fields.amount?.currency.code)
            buffer.writeMember(#""debit_account":""#, fields.debit?.compact)
            buffer.writeMember(#""debit_balance":""#, balance(fields.debitLeg))
            buffer.writeMember(#""debit_version":"#, fields.debitLeg?.version)
            buffer.writeMember(#""expires_at":""#, fields.expiresAt?.description)
            buffer.writeMember(#""expires_in":"#, fields.holdSeconds)
            buffer.writeMember(#""hold":""#, fields.hold?.description)
            buffer.writeMember(#""id":""#, fields.id.description)
            buffer.writeMember(#""kind":""#, kind)
            if let memo = fields.memo {
                buffer.writeMember(#""memo":""#, escaping: memo.description)
            }
            buffer.writeMember(#""refusal":""#, refusal)
            buffer.writeMember(#""reverses":""#, fields.reverses?.description)
        }
    }

    /// In the amount's currency, without which there is no leg.
    private func balance(_ leg: RecordedTransfer.Leg?) -> String? {
        guard let leg, let currency = fields.amount?.currency else { return nil }
        return Money(minorUnits: leg.balanceAfter, currency: currency).decimalString
    }
}
