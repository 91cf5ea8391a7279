import BalanceAPI
import BankAPI
import GRPCCore

/// Why a balance service cannot be used.
enum BalanceServiceCondition: Sendable, Hashable {
    /// It has not been asked yet, or cannot be reached.
    case notConnected
    /// It answers, but has lost its database.
    case databaseUnavailable

    /// - Parameter reason: ErrorInfo's, when the service said why it is unavailable.
    init(unavailableFor reason: BalanceErrorReason?) {
        self = reason == .databaseUnavailable ? .databaseUnavailable : .notConnected
    }

    /// - Parameter error: Of a call that did not reach the service, or was lost on the way.
    init(after error: any Error) {
        self.init(unavailableFor: (error as? RPCError).flatMap { BalanceErrorReason(of: $0) })
    }

    var problem: Problem {
        switch self {
        case .notConnected:
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

    /// For readiness and the log.
    var description: String {
        switch self {
        case .notConnected: "not connected"
        case .databaseUnavailable: "database unavailable"
        }
    }
}
