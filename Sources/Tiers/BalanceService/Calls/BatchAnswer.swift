import BalanceAPI
import Chain
import GRPCCore
import GRPCProtobuf
import SwiftProtobuf

/// What a batch is answered, in whichever way it came.
struct BatchAnswer<Response: Sendable>: Sendable {
    var response: Response
    /// When a trace of it is sampled.
    var timing: ServerTiming?
}

extension ServerResponse {
    init(_ answer: BatchAnswer<Message>) {
        self.init(
            message: answer.response,
            trailingMetadata: answer.timing.map { Metadata($0) } ?? [:])
    }
}

extension Metadata {
    init(_ timing: ServerTiming) { self = [ServerTiming.headerName: "\(timing)"] }
}

/// A batch as a message of a stream.
protocol StreamedBatch: Message {
    associatedtype Request: Sendable
    var number: UInt64 { get }
    var request: Request { get }
}

/// The answer to it, or that there will be no more of them.
protocol StreamedAnswer: Message {
    associatedtype Response: Sendable
    var number: UInt64 { get set }
    var response: Response { get set }
    var error: Teller_Balance_V1_BatchError { get set }
    var closing: Bool { get set }
    var serverTiming: String { get set }
}

extension Teller_Balance_V1_BalancesBatch: StreamedBatch {}
extension Teller_Balance_V1_BalancesBatchAnswer: StreamedAnswer {}
extension Teller_Balance_V1_TransfersBatch: StreamedBatch {}
extension Teller_Balance_V1_TransfersBatchAnswer: StreamedAnswer {}

extension Teller_Balance_V1_BatchError {
    /// What the status of a call of its own would have told.
    init(_ status: GoogleRPCStatus) {
        self.init()
        code = Int32(status.code.rawValue)
        reason = status.details.lazy.compactMap { $0.errorInfo?.reason }.first ?? ""
        message = status.message
    }
}
