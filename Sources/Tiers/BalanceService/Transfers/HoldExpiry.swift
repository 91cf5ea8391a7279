import Chain
import Logging
import Postgres
import ServiceLifecycle

/// Frees the money of holds that are due by the database's clock.
///
/// A posting sees to the due holds of the accounts that it locks; this one is for the others.
struct HoldExpiry: Service {
    /// Between two looks: how long money may stay held past its time.
    static let interval = Duration.seconds(1)
    /// For a look and for a batch of holds.
    static let patience = Duration.seconds(5)
    /// Holds to free in one transaction.
    static let batch = 500

    let pool: PostgresPool
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var isWarned = false
            while !Task.isCancelled {
                do {
                    while try await expire() == Self.batch {}
                    isWarned = false
                } catch {
                    // The next look does it. That the database is away is said elsewhere.
                    let isAway = [.unavailable, .interrupted].contains(PostingFailure(error))
                    logger.log(
                        level: isAway || isWarned ? .debug : .warning, "holds not expired",
                        metadata: ["cause": .string(String(reflecting: error))])
                    if !isAway { isWarned = true }
                }
                try? await Task.sleep(for: Self.interval)
            }
        }
    }

    /// Frees due holds of accounts that are not locked; a posting that has one locked frees them itself, or
    /// the next look does.
    ///
    /// - Returns: How many it has freed, at most a batch.
    private func expire() async throws -> Int {
        let rows = try await pool.query(
            Self.statement, deadline: Deadline.after(Self.patience).instant)
        return Int(try rows.first?.decode(Int64.self, at: 0) ?? 0)
    }

    /// Waits for no lock. A hold changes only while its account is locked, so one that was settled before
    /// the account could be had is not pending any more, and is left as it is.
    private static let statement: PostgresQuery = """
        WITH due AS (
            SELECT holds.id FROM teller.holds
            JOIN teller.accounts ON accounts.id = holds.debit_account
            WHERE state = 'pending' AND expires_at <= statement_timestamp()
            LIMIT \(batch) FOR NO KEY UPDATE OF accounts SKIP LOCKED
        ), freed AS (
            UPDATE teller.holds SET state = 'expired' FROM due
            WHERE holds.id = due.id AND holds.state = 'pending'
            RETURNING debit_account, amount
        ), sums AS (
            SELECT debit_account, sum(amount)::bigint AS amount, count(*) AS holds
            FROM freed GROUP BY debit_account
        ), changed AS (
            UPDATE teller.accounts SET held = held - sums.amount FROM sums
            WHERE accounts.id = sums.debit_account
        )
        SELECT coalesce(sum(holds), 0)::bigint FROM sums
        """
}
