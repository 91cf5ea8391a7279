public import Ledger
public import NIOCore

/// The body of `POST /v1/transfers`: a request and, beside its members, the ledger it is meant for.
public struct TransferSubmission: Sendable, Hashable, Encodable {
    public var request: TransferRequest
    /// Another ledger refuses it; nil: whichever it reaches.
    public var ledger: Identifier?

    public init(_ request: TransferRequest, ledger: Identifier? = nil) {
        self.request = request
        self.ledger = ledger
    }

    /// - Throws: What is wrong with the body.
    public init(body: [UInt8]) throws(Problem) {
        let object = try JSONObject(body)
        request = try TransferRequest(object, besides: ["ledger"])
        ledger = try object.identifier("ledger")
    }

    private enum CodingKeys: String, CodingKey { case ledger }

    public func encode(to encoder: any Encoder) throws {
        try request.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(ledger, forKey: .ledger)
    }
}

/// The body of `POST /v1/transfers/batch`.
public struct TransferBatch: Sendable, Hashable, Encodable {
    /// The most transfers of a batch.
    public static let limit = 500

    public var ledger: Identifier?
    /// All of them or none; else each on its own.
    public var atomic: Bool
    public var transfers: [TransferRequest]

    public init(ledger: Identifier?, atomic: Bool, transfers: [TransferRequest]) {
        self.ledger = ledger
        self.atomic = atomic
        self.transfers = transfers
    }

    /// - Throws: What is wrong with the body.
    public init(body: [UInt8]) throws(Problem) {
        let object = try JSONObject(body)
        try object.allow(["ledger", "atomic", "transfers"])
        transfers = try object.list("transfers", atMost: Self.limit) {
            element, path throws(Problem) in
            try TransferRequest(JSONObject(element, path: path))
        }
        ledger = try object.identifier("ledger")
        atomic = try object.required("atomic", object.bool)
    }
}

/// The answer of `POST /v1/transfers/batch`: an outcome for each transfer, in order.
public struct TransferBatchAnswer: Sendable, Hashable, WrittenBody, Decodable {
    /// One of the two; neither, where it cannot be read.
    public struct Outcome: Sendable, Hashable, Decodable {
        public private(set) var transfer: Transfer?
        public private(set) var problem: Problem?

        public init(_ transfer: Transfer) {
            self.transfer = transfer
        }

        public init(_ problem: Problem) {
            self.problem = problem
        }

        private enum CodingKeys: String, CodingKey { case transfer, problem }

        public init(from decoder: any Decoder) throws {
            guard let container = try? decoder.container(keyedBy: CodingKeys.self) else { return }
            transfer = try? container.decodeIfPresent(Transfer.self, forKey: .transfer)
            problem = try? container.decodeIfPresent(Problem.self, forKey: .problem)
        }
    }

    public var outcomes: [Outcome]

    public init(outcomes: [Outcome]) {
        self.outcomes = outcomes
    }

    public func write(into buffer: inout ByteBuffer) {
        buffer.writeStaticString(#"{"outcomes":"#)
        buffer.writeArray(outcomes) { buffer, outcome in
            if let transfer = outcome.transfer {
                buffer.writeStaticString(#"{"transfer":"#)
                transfer.write(into: &buffer)
            } else if let problem = outcome.problem {
                buffer.writeStaticString(#"{"problem":"#)
                buffer.writeImmutableBuffer(BankJSON.body(problem))
            } else {
                buffer.writeStaticString("{")
            }
            buffer.writeStaticString("}")
        }
        buffer.writeStaticString("}")
    }
}

/// The body of `POST /v1/transfers/lookup`.
public struct TransferLookup: Sendable, Hashable, Encodable {
    /// The most ids of a lookup.
    public static let limit = 500

    public var ids: [Identifier]

    public init(ids: [Identifier]) {
        self.ids = ids
    }

    /// - Throws: What is wrong with the body.
    public init(body: [UInt8]) throws(Problem) {
        let object = try JSONObject(body)
        try object.allow(["ids"])
        ids = try object.list("ids", atMost: Self.limit) {
            element, path throws(Problem) in
            guard case .string(let text) = element, let id = Identifier(text) else {
                throw object.problem(path, "a UUID is expected", .idInvalid)
            }
            return id
        }
    }
}

/// The answer of `POST /v1/transfers/lookup`.
public struct TransferLookupAnswer: Sendable, Hashable, WrittenBody, Decodable {
    public var ledger: Identifier
    /// Those that there are, done or refused, in no order.
    public var transfers: [Transfer]

    public init(ledger: Identifier, transfers: [Transfer]) {
        self.ledger = ledger
        self.transfers = transfers
    }

    public func write(into buffer: inout ByteBuffer) {
        buffer.writeStaticString(#"{"ledger":""#)
        buffer.writeString(ledger.description)
        buffer.writeStaticString(#"","transfers":"#)
        buffer.writeArray(transfers) { $1.write(into: &$0) }
        buffer.writeStaticString("}")
    }
}
