import Logging
import Postgres

/// Deletes sessions that nobody can use, long after: what was done with them is in the trail, which stays.
enum SessionRemoval {
    static let batch = 500

    static func chore(pool: PostgresPool, logger: Logger) -> Chore {
        Chore(
            failure: "old sessions not deleted", interval: .seconds(3600), batch: batch,
            statement: statement, pool: pool, logger: logger)
    }

    /// One that was ended had at most hours to go. Another copy of the service may be at it as well.
    private static let statement: PostgresQuery = """
        WITH old AS (
            SELECT id FROM identity.sessions
            WHERE expires_at < statement_timestamp() - interval '30 days'
            ORDER BY expires_at LIMIT \(batch) FOR UPDATE SKIP LOCKED
        ), deleted AS (
            DELETE FROM identity.sessions USING old WHERE sessions.id = old.id RETURNING 1
        )
        SELECT count(*) FROM deleted
        """
}
