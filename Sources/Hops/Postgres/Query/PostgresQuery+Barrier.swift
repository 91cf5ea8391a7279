extension PostgresQuery {
    /// Makes the COMMIT of its transaction wait, as every COMMIT that writes does, until all that was
    /// committed before is as safe as the server is set up to make it: on its disk and, with synchronous
    /// replication, on a standby. A transaction that only read would not wait. What it read may be there
    /// and yet not last: committed here, while the wait for the standby was cut short by a cancel request,
    /// by the end of the session, or by a restart.
    ///
    /// Any role may send it, outside of read-only transactions.
    public static let barrier: PostgresQuery = "SELECT pg_logical_emit_message(true, 'barrier', '')"
}
