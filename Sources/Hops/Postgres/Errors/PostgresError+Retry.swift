extension PostgresError {
    /// True when the cause may pass without a change of what was asked: a server that restarts, is full,
    /// refuses connections, or chose this transaction to end a deadlock. Whether asking again is safe
    /// is another matter: `isSafeToRetry`.
    public var isTransient: Bool {
        switch code {
        case .configuration: return false
        case _ where isConnectFailure: return true
        case .connectionLost, .poolTimeout, .poolExhausted: return true
        case .server:
            guard let sqlState else { return false }
            return Self.transientStates.contains(sqlState) || sqlState.hasPrefix("53")
                || sqlState.hasPrefix("08")
        default: return false
        }
    }

    /// Serialization failure, deadlock, lock not available, read-only (a fail-over), shutting down,
    /// crashed, starting, prepared statement gone.
    private static let transientStates: Set<String> = [
        "40001", "40P01", "55P03", "25006", "57P01", "57P02", "57P03", "26000",
    ]

    /// Whether these are a server's last words on a session: they say why it ends, and nothing of the statement.
    /// Operator's intervention but for a cancelled statement; failures of the connection; "statement
    /// completion unknown".
    var isOfSessionsEnd: Bool {
        sqlState.map { $0.hasPrefix("57P") || $0.hasPrefix("08") || $0 == "40003" } ?? false
    }

    /// A server's error undoes the statement's transaction, so only an ending that came without one
    /// leaves it open whether something was done.
    static func isSafeToRetry(_ code: Code, _ sqlState: String?) -> Bool {
        switch code {
        case .connectionRefused, .connectTimeout, .poolTimeout, .poolExhausted, .connectionBusy:
            true
        case .server: sqlState.map { transientStates.contains($0) } ?? false
        default: false
        }
    }
}
