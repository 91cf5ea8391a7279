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
        try self.init(decoder) { object throws(Problem) in try Self(object) }
    }

    /// - Parameter others: Members that may be there besides the request's own.
    init(_ object: JSONObject, besides others: [String] = []) throws(Problem) {
        let name = try object.required("kind", object.string)
        guard let kind = TransferKind(rawValue: name) else {
            let kinds = TransferKind.allCases.map(\.rawValue).joined(separator: ", ")
            throw object.problem("kind", "one of \(kinds) is expected")
        }
        try object.allow(["id", "kind", "memo"] + kind.members + others)
        self.init(
            id: try object.required("id", object.identifier),
            action: try Action(kind, object), memo: try object.shortText("memo"))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(kind.rawValue, forKey: .kind)
        try container.encodeIfPresent(memo, forKey: .memo)
        try action.encode(to: &container)
    }
}

extension TransferKind {
    /// The members that a request of this kind may have, besides those of all kinds.
    fileprivate var members: [String] {
        switch self {
        case .transfer: ["debit_account", "credit_account", "amount", "currency"]
        case .deposit: ["credit_account", "amount", "currency"]
        case .withdrawal: ["debit_account", "amount", "currency"]
        case .hold: ["debit_account", "credit_account", "amount", "currency", "expires_in"]
        case .post: ["hold", "amount", "currency"]
        case .void: ["hold"]
        case .reversal: ["reverses"]
        }
    }
}

extension TransferRequest.Action {
    fileprivate init(_ kind: TransferKind, _ object: JSONObject) throws(Problem) {
        func debit() throws(Problem) -> AccountNumber {
            try object.required("debit_account", object.account)
        }
        func credit() throws(Problem) -> AccountNumber {
            try object.required("credit_account", object.account)
        }
        func amount() throws(Problem) -> Money {
            try object.required("amount") { _ throws(Problem) in try object.money() }
        }
        func hold() throws(Problem) -> Identifier {
            try object.required("hold", object.identifier)
        }
        switch kind {
        case .transfer:
            self = .transfer(debit: try debit(), credit: try credit(), amount: try amount())
        case .deposit: self = .deposit(credit: try credit(), amount: try amount())
        case .withdrawal: self = .withdrawal(debit: try debit(), amount: try amount())
        case .hold:
            self = .hold(
                debit: try debit(), credit: try credit(), amount: try amount(),
                seconds: try Self.holdSeconds(object))
        case .post: self = .post(hold: try hold(), amount: try object.money())
        case .void: self = .void(hold: try hold())
        case .reversal:
            self = .reversal(of: try object.required("reverses", object.identifier))
        }
    }

    private static func holdSeconds(_ object: JSONObject) throws(Problem) -> Int64 {
        let seconds = try object.integer("expires_in") ?? TransferRequest.defaultHoldSeconds
        guard TransferRequest.holdSeconds.contains(seconds) else {
            throw object.problem("expires_in", "a hold lasts 1 to 2678400 seconds, 31 days")
        }
        return seconds
    }

    fileprivate func encode(to container: inout KeyedEncodingContainer<TransferRequest.CodingKeys>)
        throws
    {
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
