import BankAPI
import Ledger

/// Something that the bank is asked to do, under an id that makes it safe to ask again.
enum BankWrite: Sendable, Hashable, Codable {
    case transfer(TransferRequest)
    /// All or none of them, asked together.
    case linked([TransferRequest])
    case open(OpenAccount)
    case close(AccountNumber, id: Identifier)
    /// A later teller's request, by its name: this one can neither send nor compare it.
    case other(String, id: Identifier?, attempt: Identifier)

    /// The ids that the bank knows it by.
    var ids: [Identifier] {
        switch self {
        case .transfer(let request): [request.id]
        case .linked(let requests): requests.map(\.id)
        case .open(let request): [request.id]
        case .close(_, let id): [id]
        case .other(_, let id, _): id.map { [$0] } ?? []
        }
    }

    /// What kind it is, in a word.
    var kind: String {
        switch self {
        case .transfer(let request): request.kind.rawValue
        case .linked: "linked"
        case .open: "open"
        case .close: "close"
        case .other(let name, _, _): "unknown: \(name.printable.shortened(toColumns: 40))"
        }
    }

    /// For people, with its id.
    var name: String {
        let id = ids.first.map { "\($0)" } ?? ""
        return switch self {
        case .transfer(let request): "\(request.kind.rawValue) \(id)"
        case .linked(let requests): "the \(requests.count) linked transfers from \(id) on"
        case .open: "opening the account under \(id)"
        case .close(let account, _): "closing \(account.grouped) under \(id)"
        case .other: "'\(kind)' \(id)"
        }
    }

    enum CodingKeys: String, CodingKey {
        case transfer, linked, open, close
    }

    private enum CloseKeys: String, CodingKey {
        case account, id
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let request = try container.decodeIfPresent(TransferRequest.self, forKey: .transfer) {
            self = .transfer(request)
        } else if let requests = try container.decodeIfPresent(
            [TransferRequest].self, forKey: .linked)
        {
            self = .linked(requests)
        } else if let request = try container.decodeIfPresent(OpenAccount.self, forKey: .open) {
            self = .open(request)
        } else {
            let close = try container.nestedContainer(keyedBy: CloseKeys.self, forKey: .close)
            self = .close(
                try close.decode(AccountNumber.self, forKey: .account),
                id: try close.decode(Identifier.self, forKey: .id))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .transfer(let request): try container.encode(request, forKey: .transfer)
        case .linked(let requests): try container.encode(requests, forKey: .linked)
        case .open(let request): try container.encode(request, forKey: .open)
        case .close(let account, let id):
            var close = container.nestedContainer(keyedBy: CloseKeys.self, forKey: .close)
            try close.encode(account, forKey: .account)
            try close.encode(id, forKey: .id)
        case .other(let name, let id, _):
            var others = encoder.container(keyedBy: MemberName.self)
            try others.encode(["id": id], forKey: MemberName(stringValue: name))
        }
    }
}
