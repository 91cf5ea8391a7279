import BalanceAPI
import Chain
import GRPCCore
import SwiftProtobuf

/// A method of hop 2 whose stream carries batches of what several callers ask.
protocol BatchedCall: Sendable {
    associatedtype Member: Sendable
    associatedtype Outcome: Sendable
    /// What carries one batch, and what carries its answer.
    associatedtype Message: SwiftProtobuf.Message
    associatedtype Answer: SwiftProtobuf.Message
    typealias Ticket = Batcher<Member, Outcome>.Ticket

    static var method: MethodDescriptor { get }

    /// Whether the worker itself puts back what a failed batch left open; else its callers decide.
    static var isPutBack: Bool { get }

    /// - Parameter number: Comes back with the answer.
    static func message(_ number: UInt64, _ batch: [Ticket]) -> Message

    static func read(_ answer: Answer) -> BatchAnswer

    /// The outcomes of a batch, in order; nil when there is not one for each part of each member.
    static func outcomes(
        _ answer: Answer, _ timing: ServerTiming?, for batch: [Ticket]
    ) -> [Outcome]?

    /// Called just before a member is sent.
    ///
    /// - Returns: false when its caller has left, and relies on it that nothing is sent.
    static func claim(_ member: Member) -> Bool

    /// Whether members of a batch that failed so may be tried again, as far as the budget allows.
    static func isRepeatable(after error: any Error) -> Bool

    /// What the members of a failed batch fail with.
    ///
    /// - Parameter mayRepeat: Whether the budget allows another attempt.
    static func failure(_ error: any Error, mayRepeat: Bool) -> any Error
}

/// What a message of a stream's answers says, whichever stream it is.
enum BatchAnswer: Sendable {
    /// The service takes no more on this stream.
    case closing
    case answered(number: UInt64, timing: String)
    case failed(number: UInt64, Teller_Balance_V1_BatchError)
    /// None that the contract knows.
    case invalid
}

extension BatchAnswer {
    init(_ answer: Teller_Balance_V1_BalancesBatchAnswer) {
        self =
            switch answer.result {
            case .response: .answered(number: answer.number, timing: answer.serverTiming)
            case .error(let error): .failed(number: answer.number, error)
            case .closing: .closing
            case nil: .invalid
            }
    }

    init(_ answer: Teller_Balance_V1_TransfersBatchAnswer) {
        self =
            switch answer.result {
            case .response: .answered(number: answer.number, timing: answer.serverTiming)
            case .error(let error): .failed(number: answer.number, error)
            case .closing: .closing
            case nil: .invalid
            }
    }
}
