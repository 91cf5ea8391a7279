import BalanceAPI
import Chain
import GRPCCore
import GRPCProtobuf

/// What an error of hop 2 says of the call.
enum HopError {
    /// Whether an error says that another balance service, or the same one later, may do it.
    static func isUnavailable(_ error: any Error) -> Bool {
        // A RuntimeError says that the connection was closed before the call was made.
        if error is CancellationError || error is RuntimeError { return true }
        guard let error = error as? RPCError else { return false }
        return error.code == .unavailable || error.code == .cancelled
    }

    /// Whether an error promises that the call did nothing and will do nothing, as the contract
    /// says it, or gRPC of a call that it did not begin.
    static func saysNothingWasDone(_ error: any Error) -> Bool {
        if let error = error as? RuntimeError { return error.code == .clientIsStopped }
        if let error = error as? BatcherError { return error == .overloaded }
        guard let error = error as? RPCError else { return false }
        switch BalanceErrorReason(of: error) {
        case .databaseUnavailable, .shuttingDown, .overloaded, .tooManyQueries, .requestInvalid,
            .unauthenticated, .forbidden, .tooManyTries:
            return true
        case nil:
            return error.code == .unimplemented
                || BalanceErrorReason.isGiven(by: error) && isRefusal(error.code)
        default: return false
        }
    }

    /// Whether a service says by it that it did not begin, whatever the reason is called.
    private static func isRefusal(_ code: RPCError.Code) -> Bool {
        switch code {
        case .invalidArgument, .notFound, .permissionDenied, .unauthenticated, .failedPrecondition,
            .outOfRange, .resourceExhausted:
            true
        default: false
        }
    }

    /// Of a batch whose stream ended before its answer: what became of it is unknown.
    ///
    /// - Parameter error: What the stream ended with; nil: OK.
    static func ofStream(_ error: (any Error)?) -> any Error {
        // Only of a stream that was never opened it is certain.
        if let error = error as? RuntimeError, error.code == .clientIsStopped { return error }
        return RPCError(
            code: .unavailable, message: "the stream ended without an answer", cause: error)
    }
}

extension RPCError {
    /// What a call of its own would have ended with.
    init(_ error: Teller_Balance_V1_BatchError) {
        let code = Status.Code(rawValue: Int(error.code)).flatMap { Code($0) } ?? .unknown
        guard !error.reason.isEmpty else {
            self.init(code: code, message: error.message)
            return
        }
        self.init(
            GoogleRPCStatus(
                code: code, message: error.message,
                details: .errorInfo(reason: error.reason, domain: BalanceErrorReason.domain)))
    }
}
