import Logging
import Postgres

/// Frees the money of holds that are due by the database's clock.
///
/// A posting sees to the due holds of the accounts that it locks; this one is for the others.
enum HoldExpiry {
    /// Between two looks: how long money may stay held past its time.
    static let interval = Duration.seconds(1)
    /// Holds to free in one transaction.
    static let batch = 500

    static func chore(pool: PostgresPool, logger: Logger) -> Chore {
        Chore(
            failure: "holds not expired", interval: interval, batch: batch, statement: statement,
            pool: pool, logger: logger)
    }

    /// Frees due holds of accounts that are not locked; a posting that has one locked frees them itself, or
    /// the next look does.
    ///
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
