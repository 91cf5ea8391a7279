import BankAPI
import Ledger

// Answers as a client reads them: what a later bank knows and this client does not spoils no more than
// the one member that has it.

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
struct ReceivedLookup: Decodable, Sendable {
    var ledger: Identifier
    var transfers: [ReceivedTransfer]
}
