/// Why something asked of PostgreSQL was not done.
public struct PostgresError: Error, Sendable {
    /// What happened. More may be added: switch with a `default`.
    public enum Code: Hashable, Sendable {
        /// The configuration cannot be used; nothing was tried.
        case configuration
        /// No connection could be made: nobody listens, no such host, or no host is of the kind asked for.
        case connectionRefused
        /// No connection was made within the connect timeout.
        case connectTimeout
        /// The server turned the user or password away.
        case authenticationFailed
        /// An open connection ended. What was sent may or may not have been done.
        case connectionLost
        /// The connection was closed by this program.
        case connectionClosed
        /// The connection is doing something else: it serves one call at a time.
        case connectionBusy
        /// The server refused: see `sqlState`.
        case server
        /// The caller's deadline passed.
        case deadlineExceeded
        /// The caller's task was cancelled.
        case cancelled
        /// The pool was shut down.
        case poolClosed
        /// No connection became free within the pool's longest wait.
        case poolTimeout
        /// As many callers wait for a connection as the pool allows.
        case poolExhausted
        /// COMMIT was sent and no answer came: it may or may not have been committed.
        case commitOutcomeUnknown
        /// The server answered COMMIT by rolling back, since a statement had failed.
        case transactionRolledBack
        /// Something this module does not do, such as COPY.
        case unsupported
    }

    public private(set) var code: Code
    /// All that the server said; nil when the server said nothing.
    public let diagnostics: PostgresDiagnostics?
    /// The server's SQLSTATE.
    public let sqlState: String?
    /// Which query of a pipeline failed, from 0.
    let pipelineIndex: Int?
    /// True when nothing can have been done, so that asking again cannot do it twice.
    public private(set) var isSafeToRetry: Bool
    /// True when no connection could be made, whatever the `code`: the database is unavailable, also when
    /// it is its server that said why.
    public let isConnectFailure: Bool
    /// What went wrong, for this program's log: may quote statements and data, never a password.
    private let detail: String

    init(
        _ code: Code, detail: String = "", sqlState: String? = nil,
        diagnostics: PostgresDiagnostics? = nil, pipelineIndex: Int? = nil,
        isSafeToRetry: Bool? = nil, isConnectFailure: Bool? = nil
    ) {
        let sqlState = sqlState ?? diagnostics?.sqlState
        (self.code, self.detail, self.sqlState) = (code, detail, sqlState)
        (self.diagnostics, self.pipelineIndex) = (diagnostics, pipelineIndex)
        self.isSafeToRetry = isSafeToRetry ?? Self.isSafeToRetry(code, sqlState)
        self.isConnectFailure =
            isConnectFailure
            ?? [.connectionRefused, .connectTimeout, .authenticationFailed].contains(code)
    }

    /// The same failure under another name.
    func with(code: Code, isSafeToRetry: Bool) -> PostgresError {
        var error = self
        (error.code, error.isSafeToRetry) = (code, isSafeToRetry)
        return error
    }
}

extension PostgresError: CustomStringConvertible, CustomDebugStringConvertible {
    /// Safe to show: no statement, no data, no address.
    public var description: String {
        let state = sqlState.map { " (SQLSTATE \($0))" } ?? ""
        let index = pipelineIndex.map { " in query \($0) of the pipeline" } ?? ""
        return "PostgreSQL: \(code)\(state)\(index)"
    }

    /// What the server or libpq said, on one line, for whoever operates the client.
    public var explanation: String {
        (diagnostics?.message ?? detail)
            .split(whereSeparator: { $0.isNewline || $0 == "\t" }).joined(separator: " ")
    }

    /// Everything known, for the log.
    public var debugDescription: String {
        var parts = [description]
        if !detail.isEmpty { parts.append(detail) }
        if let diagnostics { parts.append("\(diagnostics)") }
        return parts.joined(separator: ": ")
    }
}
