import BankAPI
import Ledger

extension TransferSubmission {
    /// - Throws: What is wrong with the body of `POST /v1/transfers`.
    init(body: [UInt8]) throws(Problem) {
        let object = try JSONObject(body)
        self.init(
            try TransferRequest(object, besides: ["ledger"]),
            ledger: try object.identifier("ledger"))
    }
}

extension TransferBatch {
    /// - Throws: What is wrong with the body of `POST /v1/transfers/batch`.
    init(body: [UInt8]) throws(Problem) {
        let object = try JSONObject(body)
        try object.allow(["ledger", "atomic", "transfers"])
        let elements = try object.required("transfers", object.array)
        guard (1...Self.limit).contains(elements.count) else {
            throw object.problem("transfers", "1 to \(Self.limit) are expected")
        }
        var transfers: [TransferRequest] = []
        for (index, element) in elements.enumerated() {
            transfers.append(
                try TransferRequest(JSONObject(element, path: "transfers[\(index)]")))
        }
        self.init(
            ledger: try object.identifier("ledger"),
            atomic: try object.required("atomic", object.bool), transfers: transfers)
    }
}

extension TransferLookup {
    /// - Throws: What is wrong with the body of `POST /v1/transfers/lookup`.
    init(body: [UInt8]) throws(Problem) {
        let object = try JSONObject(body)
        try object.allow(["ids"])
        let elements = try object.required("ids", object.array)
        guard (1...Self.limit).contains(elements.count) else {
            throw object.problem("ids", "1 to \(Self.limit) are expected")
        }
        var ids: [Identifier] = []
        for (index, element) in elements.enumerated() {
            guard case .string(let text) = element, let id = Identifier(text) else {
                throw object.problem("ids[\(index)]", "a UUID is expected", .idInvalid)
            }
            ids.append(id)
        }
        self.init(ids: ids)
    }
}

extension OpenAccount {
    /// - Throws: What is wrong with the body of `POST /v1/accounts`.
    init(body: [UInt8]) throws(Problem) {
        let object = try JSONObject(body)
        try object.allow(["id", "ledger", "name", "currency", "overdraft_limit"])
        let currency = try object.required("currency", object.currency)
        let limit =
            try object.money("overdraft_limit", in: currency)
            ?? Money(minorUnits: 0, currency: currency)
        guard limit.minorUnits >= 0 else {
            throw object.problem("overdraft_limit", "a limit is not negative")
        }
        self.init(
            id: try object.required("id", object.identifier),
            ledger: try object.identifier("ledger"),
            name: try object.required("name", object.shortText), overdraftLimit: limit)
    }
}

extension CloseAccount {
    /// - Throws: What is wrong with the body of `POST /v1/accounts/{account}/close`.
    init(body: [UInt8]) throws(Problem) {
        let object = try JSONObject(body)
        try object.allow(["id", "ledger"])
        self.init(
            id: try object.required("id", object.identifier),
            ledger: try object.identifier("ledger"))
    }
}
