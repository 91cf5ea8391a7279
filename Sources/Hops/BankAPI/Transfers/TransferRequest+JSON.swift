import BankAPI
import Ledger

/// Reads what BankAPI's Codable writes, and refuses what it would pass over.
extension TransferRequest {
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
}
