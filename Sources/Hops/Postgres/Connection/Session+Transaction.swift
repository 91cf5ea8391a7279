extension Session {
    /// See ``PostgresConnection/transaction(opening:deadline:decide:)``.
    func transaction<Result>(
        opening: [PostgresQuery], deadline: ContinuousClock.Instant?,
        decide: ([PostgresRows]) throws -> (closing: [PostgresQuery], result: Result)
    ) throws(PostgresTransactionError) -> Result {
        let opened = try begin(.readCommitted, opening, deadline: deadline)
        let closing: [PostgresQuery]
        let result: Result
        do {
            (closing, result) = try decide(opened)
        } catch {
            throw failed(.body, error)
        }
        if closing.isEmpty {
            // Closes the connection when it fails, which rolls back as well.
            _ = rollBack()
        } else {
            try commit(closing, deadline: deadline)
        }
        return result
    }

    /// - Returns: The rows of each opening statement.
    func begin(
        _ mode: PostgresTransactionMode, _ opening: [PostgresQuery] = [],
        deadline: ContinuousClock.Instant?
    ) throws(PostgresTransactionError) -> [PostgresRows] {
        do throws(PostgresError) {
            return Array(try exchange(.opening(mode, opening), deadline: deadline).dropFirst())
        } catch {
            throw failed(error.pipelineIndex == nil ? .begin : .body, error)
        }
    }

    func commit(
        _ closing: [PostgresQuery] = [], deadline: ContinuousClock.Instant?
    ) throws(PostgresTransactionError) {
        do throws(PostgresError) {
            let results = try exchange(.committing(closing), deadline: deadline)
            // The server answers the COMMIT of a failed transaction without an error.
            guard results.last?.commandTag != "ROLLBACK" else {
                throw PostgresError(.transactionRolledBack)
            }
        } catch  where error.isKnownNotCommitted {
            throw failed(error.pipelineIndex == nil ? .commit : .body, error)
        } catch {
            let unknown = error.with(code: .commitOutcomeUnknown, isSafeToRetry: false)
            throw PostgresTransactionError(stage: .commit, underlying: unknown)
        }
    }

    /// Not subject to the caller's cancellation or deadline, which may be why it is needed.
    ///
    /// - Returns: Why it failed; the connection is closed then.
    func rollBack() -> PostgresError? {
        do throws(PostgresError) {
            let bound = ContinuousClock.now + configuration.cancelTimeout
            _ = try exchange(.rollback, deadline: bound, isShielded: true)
            return nil
        } catch {
            // A connection whose transaction is still open is of no use to anyone.
            mailbox.close(because: error)
            return error
        }
    }

    /// Ends what is left of the transaction.
    private func failed(
        _ stage: PostgresTransactionError.Stage, _ error: any Error
    ) -> PostgresTransactionError {
        let isLeftOpen = mailbox.closeReason == nil && isInTransaction
        return PostgresTransactionError(
            stage: stage, underlying: error, rollbackError: isLeftOpen ? rollBack() : nil)
    }
}

extension PostgresError {
    /// Of a COMMIT: before it was sent, or refused by the server.
    fileprivate var isKnownNotCommitted: Bool {
        switch code {
        case .transactionRolledBack: true
        case .server: !isOfSessionsEnd
        default: isSafeToRetry
        }
    }
}
