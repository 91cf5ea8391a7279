public import BankAPI
public import Ledger

// Answers as a client reads them: what a later bank knows and this client does not spoils no more than
// the one member that has it.

/// A problem document: a later bank may know codes and tiers that this client does not.
public struct ReceivedProblem: Decodable, Sendable, Hashable {
    public var code: AnswerCode
    public var title: String?
    public var detail: String?
    public var tier: String?
    /// The HTTP status that goes with it.
    public var status: Int?
    public var traceID: String?

    enum CodingKeys: String, CodingKey {
        case code, title, detail, tier, status
        case traceID = "trace_id"
    }
}

/// The answer of `POST /v1/transfers/batch`.
struct ReceivedBatch: Decodable, Sendable {
    /// One of the two; neither, where it cannot be read.
    struct Outcome: Decodable, Sendable {
        var transfer: ReceivedTransfer?
        var problem: ReceivedProblem?

        private enum CodingKeys: String, CodingKey { case transfer, problem }

        init(_ transfer: ReceivedTransfer) { self.transfer = transfer }

        init(from decoder: any Decoder) throws {
            guard let container = try? decoder.container(keyedBy: CodingKeys.self) else { return }
            transfer = try? container.decodeIfPresent(ReceivedTransfer.self, forKey: .transfer)
            problem = try? container.decodeIfPresent(ReceivedProblem.self, forKey: .problem)
        }
    }

    var outcomes: [Outcome]
}

/// The answer of `POST /v1/transfers/lookup`.
public struct ReceivedLookup: Decodable, Sendable {
    public var ledger: Identifier
    public var transfers: [ReceivedTransfer]
}
