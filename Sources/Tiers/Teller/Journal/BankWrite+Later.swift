import BankAPI
import Ledger

extension BankWrite {
    /// A later teller's request that this one does not know; `nil` for what it should know.
    static func later(_ decoder: any Decoder, attempt: Identifier) throws -> BankWrite? {
        let container = try decoder.container(keyedBy: MemberName.self)
        guard let key = container.allKeys.first, container.allKeys.count == 1 else { return nil }
        switch CodingKeys(rawValue: key.stringValue) {
        case .open, .close: return nil
        case .transfer:
            return try container.decode(Named.self, forKey: key).later(attempt)
        case .linked:
            return try container.decode([Named].self, forKey: key).lazy
                .compactMap { $0.later(attempt) }.first
        case nil:
            let id = try? container.decode(Named.self, forKey: key).id
            return .other(key.stringValue, id: id, attempt: attempt)
        }
    }

    /// The members that every request has.
    private struct Named: Decodable {
        var id: Identifier?
        var kind: String?

        func later(_ attempt: Identifier) -> BankWrite? {
            guard let kind, TransferKind(rawValue: kind) == nil else { return nil }
            return .other(kind, id: id, attempt: attempt)
        }
    }
}
