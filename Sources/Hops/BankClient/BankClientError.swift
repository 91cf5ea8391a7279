public import BankAPI

/// Why a bank did not do a request, or could not be reached.
public struct BankClientError: Error, Sendable, Hashable {
    public enum Reason: Sendable, Hashable {
        /// The bank says why, in a problem document (RFC 9457) that came with this HTTP status.
        case problem(Problem, status: Int)
        /// The ledger refused a transfer, and keeps that under its id.
        case refused(ProblemCode)
        /// The bank says that it did a part of a group that is done as a whole.
        case partlyDone(Int, of: Int)
        /// What answers is not a bank, or answers something else; what is wrong with the answer.
        case notABank(String)
        case notHTTP
        /// The answer is larger than ``BankClient/largestAnswer``.
        case answerTooLarge
        /// A proxy answers in the bank's place, with this HTTP status.
        case proxy(status: Int)
        case unknownHost
        /// No connection was made within the timeout.
        case noConnection
        /// No answer began within the timeout.
        case noAnswer
        /// The answer did not end within the timeout.
        case unfinishedAnswer
        case answerBrokeOff
        /// The connection was closed before an answer began.
        case closedWithoutAnswer
        /// An error of the system, by its number in errno(3).
        case system(Int32)
        case tlsFailed
        case connectionFailed
        case cancelled
        case cancelledBeforeSending
        case outOfTimeBeforeSending
        /// The request cannot be written as JSON.
        case unwritableRequest
    }

    public var reason: Reason
    /// The bank that was asked; `nil` where it is not about reaching one.
    public var address: BankAddress?
    /// The time that there was for all of it.
    public var timeout: Duration
    /// Whether it is the ledger's answer to a write, for ever.
    public var isRefusal = false

    public init(
        _ reason: Reason, at address: BankAddress? = nil, timeout: Duration = .zero
    ) {
        self.reason = reason
        self.address = address
        self.timeout = timeout
    }

    /// The bank's code for it; `nil` where no bank said so.
    public var code: ProblemCode? {
        switch reason {
        case .problem(let problem, _): problem.code
        case .refused(let code): code
        default: nil
        }
    }

    /// How long the bank asks to wait before another try.
    public var retryAfter: Duration? {
        guard case .problem(let problem, _) = reason else { return nil }
        return problem.retryAfter.map { .seconds(min(max(0, $0), 3600)) }
    }

    /// Whether the time was up before this client had an answer.
    var isOutOfTime: Bool {
        switch reason {
        case .noConnection, .noAnswer, .unfinishedAnswer: true
        default: false
        }
    }
}
