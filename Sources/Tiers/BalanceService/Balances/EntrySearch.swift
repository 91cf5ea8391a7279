import Ledger
import Postgres

/// Finds where a time is in an account's entries.
enum EntrySearch {
    /// The newest entry that was posted before a time: its version and the balance after it; no row when
    /// there is none.
    ///
    /// Versions count without gaps and no entry is earlier than the one before, so that a binary search
    /// by version finds it: 23 look-ups in the primary key for ten million entries, and no index by time
    /// for each posting to write.
    ///
    /// - Parameter version: Later entries are left out.
    static func newestEntry(
        of account: Int64, before time: Timestamp, upTo version: Int64
    ) -> PostgresQuery {
        """
        WITH RECURSIVE search (low, high) AS (
            SELECT 0::bigint, \(version)
            UNION ALL
            SELECT
                CASE WHEN is_before THEN middle ELSE low END,
                CASE WHEN is_before THEN high ELSE middle - 1 END
            FROM search, LATERAL (
                SELECT version AS middle, posted_at < \(time) AS is_before
                FROM teller.entries
                WHERE account_id = \(account) AND version = low + (high - low + 1) / 2
                LIMIT 1
            ) AS entry
            WHERE low < high
        )
        SELECT entries.version, entries.balance_after
        FROM search
        JOIN teller.entries ON entries.account_id = \(account) AND entries.version = search.low
        WHERE low = high
        """
    }
}
