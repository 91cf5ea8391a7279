extension PostgresConnection {
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
    public func transaction<Result: Sendable>(
        opening: [PostgresQuery], deadline: ContinuousClock.Instant? = nil,
        decide:
            @Sendable (_ opened: [PostgresRows]) throws -> (
                closing: [PostgresQuery], result: Result
            )
    ) async throws(PostgresTransactionError) -> Result {
        let opened = try await open(opening, deadline: deadline)
        let closing: [PostgresQuery]
        let result: Result
        do {
            (closing, result) = try decide(opened)
        } catch {
            throw await failed(.body, error)
        }
        if closing.isEmpty {
            // Closes the connection when it fails, which rolls back as well.
            _ = await rollBack()
            return result
        }
        if let error = await commit(.committing(closing), deadline: deadline) {
            guard error.code != .commitOutcomeUnknown else {
                throw PostgresTransactionError(stage: .commit, underlying: error)
            }
            throw await failed(error.pipelineIndex == nil ? .commit : .body, error)
        }
        return result
    }

    private func open(
        _ opening: [PostgresQuery], deadline: ContinuousClock.Instant?
    ) async throws(PostgresTransactionError) -> [PostgresRows] {
        do throws(PostgresError) {
            let begin = PostgresTransactionMode.readCommitted.begin
            let results = try await perform(.opening(begin, opening), deadline: deadline).get()
            return Array(results.dropFirst())
        } catch {
            throw await failed(error.pipelineIndex == nil ? .begin : .body, error)
        }
    }

    /// Ends what is left of the transaction.
    private func failed(
        _ stage: PostgresTransactionError.Stage, _ error: any Error
    ) async -> PostgresTransactionError {
        let rollbackError = isOpen && !isReusable ? await rollBack() : nil
        return PostgresTransactionError(
            stage: stage, underlying: error, rollbackError: rollbackError)
    }
}
