import BankAPI
import Ledger

/// What is sent in one HTTP request: a transfer, or a batch of them.
struct Submission: Sendable {
    var requests: [TransferRequest]
    var isBatch = false
    /// All or none.
    var isAtomic = false

    var path: String { isBatch ? BankRoute.transferBatch : BankRoute.transfers }

    func body() throws -> [UInt8] {
        if isBatch {
            return try BankJSON.encode(
                TransferBatch(ledger: nil, atomic: isAtomic, transfers: requests))
        }
        return try requests.first.map { try BankJSON.encode(TransferSubmission($0)) } ?? []
    }
}
