/// A transaction that was not committed, or may not have been.
public struct PostgresTransactionError: Error, Sendable {
    /// Where a transaction failed.
    enum Stage: Sendable {
        /// BEGIN: nothing was done.
        case begin
        /// The caller's closure threw, or a statement was refused: `underlying` says why.
        case body
        /// COMMIT: see `isOutcomeUnknown`.
        case commit
    }

    let stage: Stage
    /// What failed first.
    public let underlying: any Error
    /// Why ROLLBACK failed too; the connection is closed then, which rolls back as well.
    let rollbackError: PostgresError?

    init(stage: Stage, underlying: any Error, rollbackError: PostgresError? = nil) {
        self.stage = stage
        self.underlying = underlying
        self.rollbackError = rollbackError
    }

    /// What PostgreSQL or the connection said; nil when the closure threw an error of its own.
    public var postgresError: PostgresError? { underlying as? PostgresError }

    /// True when COMMIT was sent and no answer came: it may or may not have been committed. Also when
    /// it is committed and may not last: the server stopped waiting for its standby, which may not know
    /// of it when it takes over.
    public var isOutcomeUnknown: Bool {
        stage == .commit && postgresError?.code == .commitOutcomeUnknown
    }

    /// True when the transaction is known not to have been committed, for a cause that may pass.
    public var isSafeToRetry: Bool {
        guard let postgresError, !isOutcomeUnknown else { return false }
        return postgresError.isSafeToRetry || stage != .commit && postgresError.isTransient
    }
}

extension PostgresTransactionError: CustomStringConvertible {
    /// Safe to show, as far as the closure's own error is.
    public var description: String {
        let rollback = rollbackError.map { "; ROLLBACK: \($0)" } ?? ""
        return "transaction failed at \(stage): \(underlying)\(rollback)"
    }
}
