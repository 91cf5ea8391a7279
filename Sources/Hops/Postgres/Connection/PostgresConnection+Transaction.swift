/// How a transaction runs (PostgreSQL manual, "SET TRANSACTION").
public enum PostgresTransactionMode: String, Sendable {
    case readCommitted = "READ COMMITTED"
    case repeatableReadReadOnly = "REPEATABLE READ READ ONLY"
}

extension PostgresConnection {
    /// Runs `body` in a transaction: committed when it returns, rolled back when it throws.
    /// - Parameters:
    ///   - deadline: for BEGIN and COMMIT; `body` passes its own to what it calls.
    /// - Throws: `PostgresTransactionError`, which tells where it failed.
    public nonisolated(nonsending) func withTransaction<Result>(
        _ mode: PostgresTransactionMode = .readCommitted,
        deadline: ContinuousClock.Instant? = nil,
        _ body: nonisolated(nonsending) (PostgresConnection) async throws -> sending Result
    ) async throws(PostgresTransactionError) -> sending Result {
        try await step(.begin) { session throws(PostgresTransactionError) in
            _ = try session.begin(mode, deadline: deadline)
        }
        let result: Result
        do {
            result = try await body(self)
        } catch {
            var rollbackError: PostgresError?
            do throws(PostgresError) {
                rollbackError = try await call { $0.rollBack() }
            } catch {
                rollbackError = error
            }
            throw PostgresTransactionError(
                stage: .body, underlying: error, rollbackError: rollbackError)
        }
        try await step(.commit) { session throws(PostgresTransactionError) in
            try session.commit(deadline: deadline)
        }
        return result
    }

    /// Runs a transaction of two round trips: BEGIN with the opening statements, a decision on their
    /// rows, and the closing statements with COMMIT. It takes no more than it must of the time in which
    /// others wait for its locks.
    /// - Parameters:
    ///   - opening: such as locks what is to change and reads it.
    ///   - deadline: for all of it. An opening statement that it passes in is cancelled on the server. The
    ///     closing ones are not, since COMMIT is behind them: the connection is closed, the outcome unknown.
    ///   - decide: gets the rows of each opening statement. It runs on the connection's thread: it must
    ///     be brief and never block. Without closing statements the transaction is rolled back.
    /// - Returns: what `decide` returned, once that is committed.
    /// - Throws: `PostgresTransactionError`. A closing statement that the server refused is of the stage
    ///   `.body`: nothing is committed. The connection is usable or closed afterwards.
    public nonisolated(nonsending) func transaction<Result: Sendable>(
        opening: [PostgresQuery], deadline: ContinuousClock.Instant? = nil,
        decide:
            @escaping @Sendable (_ opened: [PostgresRows]) throws -> (
                closing: [PostgresQuery], result: Result
            )
    ) async throws(PostgresTransactionError) -> Result {
        try await step(.begin) { session throws(PostgresTransactionError) in
            try session.transaction(opening: opening, deadline: deadline, decide: decide)
        }
    }

    /// - Parameter stage: Fails when the thread does not take it.
    nonisolated(nonsending) private func step<Answer: Sendable>(
        _ stage: PostgresTransactionError.Stage,
        _ work: @escaping @Sendable (Session) throws(PostgresTransactionError) -> Answer
    ) async throws(PostgresTransactionError) -> Answer {
        let outcome: Result<Answer, PostgresTransactionError>
        do throws(PostgresError) {
            outcome = try await call { session in
                Result { () throws(PostgresTransactionError) in try work(session) }
            }
        } catch {
            throw PostgresTransactionError(stage: stage, underlying: error)
        }
        return try outcome.get()
    }
}
