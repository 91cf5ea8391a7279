/// Why something asked of PostgreSQL was not done.
public struct PostgresError: Error, Sendable {
    /// What happened. More may be added: switch with a `default`.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let description: String

        /// The configuration cannot be used; nothing was tried.
        public static let configuration = Code(description: "configuration")
        /// No connection could be made: nobody listens, no such host, or no host is of the kind asked for.
        public static let connectionRefused = Code(description: "connectionRefused")
        /// No connection was made within the connect timeout.
        public static let connectTimeout = Code(description: "connectTimeout")
        /// The server turned the user or password away.
        public static let authenticationFailed = Code(description: "authenticationFailed")
        /// An open connection ended. What was sent may or may not have been done.
        public static let connectionLost = Code(description: "connectionLost")
        /// The connection was closed by this program.
        public static let connectionClosed = Code(description: "connectionClosed")
        /// The connection is doing something else: it serves one call at a time.
        public static let connectionBusy = Code(description: "connectionBusy")
        /// The server refused: see `sqlState`.
        public static let server = Code(description: "server")
        /// The caller's deadline passed.
        public static let deadlineExceeded = Code(description: "deadlineExceeded")
        /// The caller's task was cancelled.
        public static let cancelled = Code(description: "cancelled")
        /// The pool was shut down.
        public static let poolClosed = Code(description: "poolClosed")
        /// No connection became free within the pool's longest wait.
        public static let poolTimeout = Code(description: "poolTimeout")
        /// As many callers wait for a connection as the pool allows.
        public static let poolExhausted = Code(description: "poolExhausted")
        /// COMMIT was sent and no answer came: it may or may not have been committed.
        public static let commitOutcomeUnknown = Code(description: "commitOutcomeUnknown")
        /// The server answered COMMIT by rolling back, since a statement had failed.
        public static let transactionRolledBack = Code(description: "transactionRolledBack")
        /// Something this module does not do, such as COPY.
        public static let unsupported = Code(description: "unsupported")
    }

    private let storage: Storage

    public var code: Code { storage.code }
    /// All that the server said; nil when the server said nothing.
    public var diagnostics: PostgresDiagnostics? { storage.diagnostics }
    /// The server's SQLSTATE.
    public var sqlState: String? { storage.sqlState }
    /// Which query of a pipeline failed, from 0.
    public var pipelineIndex: Int? { storage.pipelineIndex }
    /// True when nothing can have been done, so that asking again cannot do it twice.
    public var isSafeToRetry: Bool { storage.isSafeToRetry }
    /// True when no connection could be made, whatever the `code`: the database is unavailable, also when
    /// it is its server that said why.
    public var isConnectFailure: Bool { storage.isConnectFailure }
    /// What went wrong, for this program's log: may quote statements and data, never a password.
    var detail: String { storage.detail }

    init(
        _ code: Code, detail: String = "", sqlState: String? = nil,
        diagnostics: PostgresDiagnostics? = nil, pipelineIndex: Int? = nil,
        isSafeToRetry: Bool? = nil, isConnectFailure: Bool? = nil
    ) {
        let sqlState = sqlState ?? diagnostics?.sqlState
        storage = Storage(
            code: code, detail: detail, sqlState: sqlState, diagnostics: diagnostics,
            pipelineIndex: pipelineIndex,
            isSafeToRetry: isSafeToRetry ?? Self.isSafeToRetry(code, sqlState),
            isConnectFailure: isConnectFailure ?? Self.isConnectFailure(code))
    }

    /// A class: the error stays one word wide on every path that can throw it.
    private final class Storage: Sendable {
        let code: Code
        let detail: String
        let sqlState: String?
        let diagnostics: PostgresDiagnostics?
        let pipelineIndex: Int?
        let isSafeToRetry: Bool
        let isConnectFailure: Bool

        init(
            code: Code, detail: String, sqlState: String?, diagnostics: PostgresDiagnostics?,
            pipelineIndex: Int?, isSafeToRetry: Bool, isConnectFailure: Bool
        ) {
            self.code = code
            self.detail = detail
            self.sqlState = sqlState
            self.diagnostics = diagnostics
            self.pipelineIndex = pipelineIndex
            self.isSafeToRetry = isSafeToRetry
            self.isConnectFailure = isConnectFailure
        }
    }
}

extension PostgresError {
    /// The same failure under another name.
    func with(code: Code, isSafeToRetry: Bool) -> PostgresError {
        PostgresError(
            code, detail: detail, sqlState: sqlState, diagnostics: diagnostics,
            pipelineIndex: pipelineIndex, isSafeToRetry: isSafeToRetry,
            isConnectFailure: isConnectFailure)
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
