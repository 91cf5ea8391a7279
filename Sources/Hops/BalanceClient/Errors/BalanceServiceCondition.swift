import BalanceAPI
import GRPCCore

/// Why a balance service cannot be used.
public enum BalanceServiceCondition: Sendable, Hashable {
    /// It has not been asked yet, or cannot be reached.
    case notConnected
    /// One of both ends does not accept the other's certificate.
    case certificateNotAccepted
    /// It answers, but has lost its database.
    case databaseUnavailable
    /// Somebody has a password of the demo's, and this client answers nobody then.
    case demoPeople

    /// - Parameter reason: ErrorInfo's, when the service said why it is unavailable.
    init(unavailableFor reason: BalanceErrorReason?) {
        self = reason == .databaseUnavailable ? .databaseUnavailable : .notConnected
    }

    /// - Parameter error: Of a call that did not reach the service, or was lost on the way.
    init(after error: any Error) {
        self.init(unavailableFor: (error as? RPCError).flatMap { BalanceErrorReason(of: $0) })
    }

    /// For readiness and the log.
    public var description: String {
        switch self {
        case .notConnected: "not connected"
        case .certificateNotAccepted: "certificate not accepted"
        case .databaseUnavailable: "database unavailable"
        case .demoPeople: "demo people"
        }
    }
}
