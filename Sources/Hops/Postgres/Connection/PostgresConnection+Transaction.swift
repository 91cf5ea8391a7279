/// How a transaction runs (PostgreSQL manual, "SET TRANSACTION").
public enum PostgresTransactionMode: String, Sendable {
    case readCommitted = "READ COMMITTED"
    case repeatableReadReadOnly = "REPEATABLE READ READ ONLY"

    var begin: PostgresQuery { PostgresQuery(trustedText: "BEGIN ISOLATION LEVEL \(rawValue)") }
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
        do throws(PostgresError) {
            _ = try await perform(.unprepared(mode.begin), deadline: deadline).get()
        } catch {
            throw PostgresTransactionError(stage: .begin, underlying: error)
        }
        let result: Result
        do {
            result = try await body(self)
        } catch {
            let rollbackError = await rollBack()
            throw PostgresTransactionError(
                stage: .body, underlying: error, rollbackError: rollbackError)
        }
        do throws(PostgresError) {
            try await commit(deadline: deadline)
        } catch {
            throw PostgresTransactionError(stage: .commit, underlying: error)
        }
        return result
    }

    private func commit(deadline: ContinuousClock.Instant?) async throws(PostgresError) {
        let error = await commit(.unprepared("COMMIT"), deadline: deadline)
        guard let error else { return }
        if error.code != .commitOutcomeUnknown, isOpen, !isReusable { _ = await rollBack() }
        throw error
    }

    /// Sends a request that ends with COMMIT.
    /// - Returns: why it is not, or may not be, committed; the transaction may still be open then.
    func commit(
        _ request: Request, deadline: ContinuousClock.Instant?
    ) async -> PostgresError? {
        switch await perform(request, deadline: deadline) {
        case .success(let results):
            // The server answers the COMMIT of a failed transaction without an error.
            let isRolledBack = results.last?.commandTag == "ROLLBACK"
            return isRolledBack ? PostgresError(.transactionRolledBack) : nil
        case .failure(let error):
            // Before it was sent, or refused by the server: known not to be committed.
            if error.code == .server ? !error.isOfSessionsEnd : error.isSafeToRetry { return error }
            return error.with(code: .commitOutcomeUnknown, isSafeToRetry: false)
        }
    }

    /// Not subject to the caller's cancellation or deadline, which may be why it is needed.
    func rollBack() async -> PostgresError? {
        let bound = ContinuousClock.now + configuration.cancelTimeout
        guard
            case .failure(let error) = await perform(
                .unprepared("ROLLBACK"), deadline: bound, isShielded: true)
        else { return nil }
        // A connection whose transaction is still open is of no use to anyone.
        close(because: error)
        return error
    }
}
