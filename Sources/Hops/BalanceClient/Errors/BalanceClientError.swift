public import BalanceAPI
import Chain
import GRPCCore

/// Why hop 2's client has no answer, in terms that its caller can act on. The log has the rest.
public enum BalanceClientError: Error, Sendable, Hashable {
    /// No balance service can be used.
    case unavailable(BalanceServiceCondition)
    /// As much is waiting here as may.
    case tooMuchWaiting
    /// As much is waiting in the balance service as may.
    case overloaded
    /// Somebody else kept an account locked; nothing was done.
    case accountBusy
    /// The caller's time is over; nothing was done.
    case deadlineExceeded
    /// The client is shut down; nothing was done.
    case closed
    /// A write may be done, or still become so: repeat it with the same id.
    case outcomeUnknown
    /// The write is meant for another ledger; nothing was done.
    case otherLedger
    /// The caller has no session that goes on; nothing was done.
    case unauthenticated
    /// The caller has tried too much that was refused; nothing was done.
    case tooManyTries
    /// The balance service refused what its caller asked for.
    case refused(BalanceErrorReason)
    /// A mistake of the balance service, or of this client; the log says which.
    case failed
}

extension BalanceClientError {
    /// - Parameter error: Of a call, or of the wait for one.
    init(_ error: any Error) {
        self =
            switch error {
            case let error as BalanceClientError: error
            case let error as BatcherError: Self(error)
            case let error as RPCError: Self(error)
            default: .unavailable(.notConnected)
            }
    }

    private init(_ error: BatcherError) {
        self =
            switch error {
            case .overloaded: .tooMuchWaiting
            case .deadlineExceeded: .deadlineExceeded
            case .closed: .closed
            }
    }

    private init(_ error: RPCError) {
        let reason = BalanceErrorReason(of: error)
        switch error.code {
        case .unavailable, .cancelled:
            self = .unavailable(BalanceServiceCondition(unavailableFor: reason))
        case .deadlineExceeded: self = .deadlineExceeded
        case .resourceExhausted: self = reason == .tooManyTries ? .tooManyTries : .overloaded
        case .unauthenticated where reason == .unauthenticated: self = .unauthenticated
        case .permissionDenied where reason == .forbidden: self = .refused(.forbidden)
        case .invalidArgument, .notFound:
            switch reason {
            case .pageTokenInvalid, .pageSizeInvalid, .currencyInvalid, .accountUnknown:
                self = reason.map { .refused($0) } ?? .failed
            default: self = .failed
            }
        default: self = .failed
        }
    }
}
