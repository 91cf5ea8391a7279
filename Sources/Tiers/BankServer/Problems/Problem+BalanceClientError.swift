import BalanceAPI
import BalanceClient
import BankAPI
import Ledger

extension Problem {
    /// What hop 2's client could not do, as hop 1 tells it.
    init(_ error: BalanceClientError) {
        self =
            switch error {
            case .unavailable(let condition): condition.problem
            case .tooMuchWaiting: .overloaded(tier: .bankServer)
            case .overloaded: .overloaded(tier: .balanceService)
            case .accountBusy: .accountBusy
            case .deadlineExceeded: .deadlineExceeded(tier: .balanceService)
            case .closed: .shuttingDown
            case .outcomeUnknown: .outcomeUnknown
            case .otherLedger: .otherLedger
            case .unauthenticated: .sessionEnded
            case .tooManyTries: .tooManyTries
            case .refused(let reason): Problem(reason)
            case .failed: .internal(tier: .balanceService)
            }
    }

    private init(_ reason: BalanceErrorReason) {
        self =
            switch reason {
            case .pageTokenInvalid: .pageTokenInvalid
            case .pageSizeInvalid: .pageSizeInvalid
            case .accountUnknown:
                Problem(
                    .accountUnknown, detail: "This bank has no such account.",
                    tier: .balanceService)
            case .forbidden: .refused(.forbidden)
            case .currencyInvalid:
                Problem(
                    .currencyInvalid, detail: "currency must be a code of ISO 4217, such as EUR.")
            default: .internal(tier: .balanceService)
            }
    }
}

extension BalanceServiceCondition {
    fileprivate var problem: Problem {
        switch self {
        case .notConnected, .certificateNotAccepted, .demoPeople:
            Problem(
                .balanceServiceUnavailable,
                detail: "No balance service can be reached. Try again in a moment.",
                tier: .balanceService)
        case .databaseUnavailable:
            Problem(
                .databaseUnavailable,
                detail: "The balance service cannot reach its database. Try again in a moment.",
                tier: .postgreSQL)
        }
    }
}
