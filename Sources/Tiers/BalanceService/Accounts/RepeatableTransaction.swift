import Chain
import Postgres

/// Runs transactions that an id makes safe to repeat: what was done once is found, not done again.
struct RepeatableTransaction: Sendable {
    /// How often a transaction that is known not to have been committed is tried.
    private static let tries = 10
    private static let firstPause = Duration.milliseconds(5)
    private static let longestPause = Duration.milliseconds(200)

    /// COMMIT was sent, no answer came, and none could be had by asking again.
    struct OutcomeUnknown: Error {}

    /// Another transaction was faster; thrown by a body to be run again.
    struct LostRace: Error, CustomStringConvertible {
        let description: String
    }

    let pool: PostgresPool

    /// Runs `body` in a transaction: again when its outcome is not known, until the deadline; and a few
    /// times when it is known not to have been committed for a cause that may pass.
    ///
    /// - Parameter body: Looks first for what an earlier try has done. It is told whether one may have.
    /// - Throws: ``OutcomeUnknown``; any other error: nothing was done.
    func run<Result: Sendable>(
        deadline: Deadline,
        _ body: @Sendable (BoundTransaction, _ mayBeDone: Bool) async throws -> Result
    ) async throws -> Result {
        var isUnknown = false
        var pause = Self.firstPause
        var count = 0
        while true {
            do {
                return try await pool.withTransaction(deadline: deadline.instant) {
                    [isUnknown] in
                    try await body(
                        BoundTransaction(connection: $0, deadline: deadline), isUnknown)
                }
            } catch {
                count += 1
                isUnknown = isUnknown || error.isOutcomeUnknown
                let isWorthIt = isUnknown || count < Self.tries && error.isPassing
                guard isWorthIt, pause < deadline.remaining,
                    (try? await Task.sleep(for: pause)) != nil
                else { throw isUnknown ? OutcomeUnknown() : error }
                pause = min(pause * 2, Self.longestPause)
            }
        }
    }
}

/// The connection of a transaction that has one deadline for all of it.
struct BoundTransaction {
    let connection: PostgresConnection
    let deadline: Deadline

    func query(_ query: PostgresQuery) async throws -> PostgresRows {
        try await connection.query(query, deadline: deadline.instant)
    }

    func pipeline(_ queries: [PostgresQuery]) async throws -> [PostgresRows] {
        try await connection.pipeline(queries, deadline: deadline.instant)
    }
}

extension Error {
    fileprivate var isOutcomeUnknown: Bool {
        (self as? PostgresTransactionError)?.isOutcomeUnknown ?? false
    }

    /// Whether the next try may succeed. Not when there is no connection to be had: whoever asked is told
    /// at once.
    fileprivate var isPassing: Bool {
        guard let error = self as? PostgresTransactionError else { return false }
        // Or an operator has cancelled the statement.
        return error.underlying is RepeatableTransaction.LostRace || error.isSafeToRetry
            || error.postgresError?.sqlState == "57014" && !error.isOutcomeUnknown
    }
}
