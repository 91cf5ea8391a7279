import BalanceAPI
import Chain
import GRPCCore

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
        case .databaseUnavailable, .shuttingDown, .overloaded, .tooManyQueries, .requestInvalid:
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
}
