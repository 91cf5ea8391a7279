import Postgres

/// What to do about a posting transaction that failed.
enum PostingFailure: Equatable {
    /// Others got in its way: nothing was done, and it is to be run again.
    case conflict
    /// Another transaction has kept a row locked for long: nothing was done.
    case lockTimeout
    /// An id was used by another transaction at the same moment: nothing was done; when run again it
    /// finds what that one has recorded.
    case sameID
    /// The connection was lost, or the statement ended by an operator, and nothing was done.
    case interrupted
    /// It may have been done, or not.
    case unknown
    /// Time was over; nothing was done.
    case deadlineExceeded
    /// The database cannot be had; nothing was done.
    case unavailable
    /// Nothing was done, and to run it again would not help.
    case unexpected

    init(_ error: any Error) {
        switch error {
        case is SubjectNotLocked: self = .conflict
        case let error as PostgresTransactionError:
            self = error.isOutcomeUnknown ? .unknown : Self(notCommitted: error.underlying)
        default: self = Self(notCommitted: error)
        }
    }

    private init(notCommitted error: any Error) {
        switch error {
        case is SubjectNotLocked: self = .conflict
        case is CancellationError: self = .unavailable
        case let error as PostgresError: self = Self(notCommitted: error)
        default: self = .unexpected
        }
    }

    private init(notCommitted error: PostgresError) {
        switch error.code {
        case .deadlineExceeded: self = .deadlineExceeded
        case .connectionLost, .transactionRolledBack: self = .interrupted
        case .cancelled, .poolClosed, .connectionClosed, .poolTimeout, .poolExhausted:
            self = .unavailable
        default:
            if error.isConnectFailure {
                self = .unavailable
            } else if let state = error.sqlState, let failure = Self.bySQLState[state] {
                self = failure
            } else {
                self = error.isTransient ? .unavailable : .unexpected
            }
        }
    }

    private static let bySQLState: [String: PostingFailure] = [
        // Serialization failure, deadlock; lock not available.
        "40001": .conflict, "40P01": .conflict, "55P03": .lockTimeout,
        // Prepared statement gone, or to be prepared anew.
        "26000": .conflict, "0A000": .conflict,
        "23505": .sameID,
        // Cancelled from another session.
        "57014": .interrupted,
    ]
}
