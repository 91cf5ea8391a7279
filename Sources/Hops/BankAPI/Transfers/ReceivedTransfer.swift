public import Ledger

/// A transfer as a client reads it: a later bank may know kinds and refusals that this one does not.
public struct ReceivedTransfer: Sendable, Hashable, Decodable {
    public var id: Identifier
    /// `nil` for a kind that is not known. Whether it was refused says ``refusal`` alone.
    public var record: RecordedTransfer?
    /// The code of what it was refused for, known or not; `nil` when it was done.
    public var refusal: String?

    public var isDone: Bool { refusal == nil }

    public init(_ transfer: Transfer) {
        id = transfer.record.id
        record = transfer.record
        refusal = transfer.record.refusal?.rawValue
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Transfer.CodingKeys.self)
        id = try container.decode(Identifier.self, forKey: .id)
        refusal = try container.decodeIfPresent(String.self, forKey: .refusal)
        let name = try container.decode(String.self, forKey: .kind)
        record = try TransferKind(rawValue: name).map { try Self.record(container, id, $0) }
        record?.refusal = refusal.flatMap(Refusal.init)
    }

    private static func record(
        _ container: KeyedDecodingContainer<Transfer.CodingKeys>, _ id: Identifier,
        _ kind: TransferKind
    ) throws -> RecordedTransfer {
        let currency = try container.decodeIfPresent(Currency.self, forKey: .currency)
        func leg(
            _ version: Transfer.CodingKeys, _ balance: Transfer.CodingKeys
        ) throws -> RecordedTransfer.Leg? {
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
}
