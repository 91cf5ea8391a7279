import BalanceAPI
import BankAPI
import Chain
import GRPCCore
import Ledger

/// What failed on hop 2, in terms that a caller can act on. The log has the rest.
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

    /// The problem of a failed call.
    static func problem(_ error: any Error) -> Problem {
        switch error {
        case let problem as Problem: problem
        case let error as BatcherError: problem(error)
        case let error as RPCError: problem(error)
        default: BalanceServiceCondition.notConnected.problem
        }
    }

    private static func problem(_ error: BatcherError) -> Problem {
        switch error {
        case .overloaded: .overloaded(tier: .bankServer)
        case .deadlineExceeded: .deadlineExceeded(tier: .balanceService)
        case .closed: .shuttingDown
        }
    }

    private static func problem(_ error: RPCError) -> Problem {
        let reason = BalanceErrorReason(of: error)
        switch error.code {
        case .unavailable, .cancelled:
            return BalanceServiceCondition(unavailableFor: reason).problem
        case .deadlineExceeded:
            return .deadlineExceeded(tier: .balanceService)
        case .resourceExhausted:
            return .overloaded(tier: .balanceService)
        case .invalidArgument where reason == .pageTokenInvalid:
            return .pageTokenInvalid
        case .invalidArgument where reason == .pageSizeInvalid: return .pageSizeInvalid
        case .notFound where reason == .accountUnknown:
            return Problem(
                .accountUnknown, detail: "This bank has no such account.", tier: .balanceService)
        case .invalidArgument where reason == .currencyInvalid:
            return Problem(
                .currencyInvalid, detail: "currency must be a code of ISO 4217, such as EUR.")
        default:
            return .internal(tier: .balanceService)
        }
    }
}

extension Problem {
    static func overloaded(tier: ProblemTier) -> Problem {
        Problem(.overloaded, detail: "As much is under way as can be. Try again later.", tier: tier)
    }

    static var accountBusy: Problem {
        Problem(
            .overloaded,
            detail: "Somebody else keeps an account locked: try again later.",
            tier: .balanceService)
    }

    static func deadlineExceeded(tier: ProblemTier) -> Problem {
        Problem(
            .deadlineExceeded,
            detail: "The time that the request allows ran out. Try again, or allow more time.",
            tier: tier)
    }

    static func `internal`(tier: ProblemTier) -> Problem {
        Problem(
            .internal, detail: "This is not your mistake. The trace's id helps to find it.",
            tier: tier)
    }

    /// The one problem of a write after which it may be done, or still become so.
    static var outcomeUnknown: Problem {
        Problem(
            .outcomeUnknown,
            detail: "It may be done or not. Repeat it with the same id: that does it once.",
            tier: .balanceService)
    }

    static var otherLedger: Problem {
        Problem(
            .otherLedger, detail: "The bank at this address keeps another ledger.",
            tier: .balanceService)
    }

    static var pageSizeInvalid: Problem {
        Problem(
            .pageSizeInvalid, detail: "page_size must be 1 to \(BankRoute.largestPageSize).")
    }

    static var pageTokenInvalid: Problem {
        Problem(
            .pageTokenInvalid,
            detail: "page_token must be a next_page_token of the page before it, unchanged.")
    }

    /// What the ledger refused, and why.
    static func refused(_ refusal: Refusal) -> Problem {
        Problem(ProblemCode(refusal), detail: refusal.explanation, tier: .balanceService)
    }

    /// - Parameter code: The refusal's name on hop 2. One that is not known here is a refusal all the
    ///   same: nothing was done.
    static func refused(_ code: String) -> Problem {
        if let refusal = Refusal(rawValue: code) { return .refused(refusal) }
        let name = code.isCodeName ? code : "?"
        return Problem(
            .internal, detail: "The ledger refused it, for a reason that is new here: \(name).",
            tier: .balanceService)
    }

    static var shuttingDown: Problem {
        Problem(
            .balanceServiceUnavailable, detail: "This bank-server is shutting down. Try again.")
    }
}
