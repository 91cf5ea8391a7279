public import Ledger

/// The body of `POST /v1/transfers`: a request and, beside its members, the ledger it is meant for.
public struct TransferSubmission: Sendable, Hashable, Codable {
    public var request: TransferRequest
    /// Another ledger refuses it; nil: whichever it reaches.
    public var ledger: Identifier?

    public init(_ request: TransferRequest, ledger: Identifier? = nil) {
        self.request = request
        self.ledger = ledger
    }

    private enum CodingKeys: String, CodingKey { case ledger }

    public init(from decoder: any Decoder) throws {
        request = try TransferRequest(from: decoder)
        ledger = try decoder.container(keyedBy: CodingKeys.self)
            .decodeIfPresent(Identifier.self, forKey: .ledger)
    }

    public func encode(to encoder: any Encoder) throws {
        try request.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(ledger, forKey: .ledger)
    }
}

/// The body of `POST /v1/transfers/batch`.
public struct TransferBatch: Sendable, Hashable, Codable {
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
}

/// The answer of `POST /v1/transfers/batch`: an outcome for each transfer, in order.
public struct TransferBatchAnswer: Sendable, Hashable, Codable {
    /// One of the two.
    public struct Outcome: Sendable, Hashable, Codable {
        public var transfer: Transfer?
        public var problem: Problem?

        public init(_ transfer: Transfer) {
            self.transfer = transfer
        }

        public init(_ problem: Problem) {
            self.problem = problem
        }
    }

    public var outcomes: [Outcome]

    public init(outcomes: [Outcome]) {
        self.outcomes = outcomes
    }
}

/// The body of `POST /v1/transfers/lookup`, and its answer.
public struct TransferLookup: Sendable, Hashable, Codable {
    /// The most ids of a lookup.
    public static let limit = 500

    public var ids: [Identifier]

    public init(ids: [Identifier]) {
        self.ids = ids
    }
}

public struct TransferLookupAnswer: Sendable, Hashable, Codable {
    public var ledger: Identifier
    /// Those that there are, done or refused, in no order.
    public var transfers: [Transfer]

    public init(ledger: Identifier, transfers: [Transfer]) {
        self.ledger = ledger
        self.transfers = transfers
    }
}
