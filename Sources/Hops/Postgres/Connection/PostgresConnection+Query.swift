extension PostgresConnection {
    /// Runs a statement, prepared on first use, in one round trip.
    /// - Parameter deadline: when it passes, the statement is cancelled on the server. Outside of a
    ///   transaction one that writes is not, as it may be committing: the connection is closed.
    /// - Returns: its rows; none for a statement that returns none.
    /// - Throws: `deadlineExceeded` and `cancelled` leave the connection usable, unless the statement
    ///   could not be ended in time. When a statement was finished before its cancellation took
    ///   effect, its result is returned.
    public nonisolated(nonsending) func query(
        _ query: PostgresQuery, deadline: ContinuousClock.Instant? = nil
    ) async throws(PostgresError) -> PostgresRows {
        let results = try await exchange(.prepared(query), deadline: deadline)
        guard let rows = results.first else { throw PostgresError(.connectionLost) }
        return rows
    }

    /// Runs statements in one round trip. Unless they say otherwise, they are one transaction: after
    /// one that fails, those behind it are skipped and those before it are undone.
    /// - Returns: the rows of each, in order.
    /// - Throws: the first failure. The connection is usable afterwards.
    public nonisolated(nonsending) func pipeline(
        _ queries: [PostgresQuery], deadline: ContinuousClock.Instant? = nil
    ) async throws(PostgresError) -> [PostgresRows] {
        if queries.isEmpty { return [] }
        return try await exchange(.pipeline(queries), deadline: deadline)
    }

    /// Runs a script of many statements by the simple query protocol, in one transaction unless it says
    /// otherwise. For trusted text, such as the migrations that a program carries: nothing is bound,
    /// and nothing may be put into the text. Rows are dropped: this protocol has them in text only.
    public nonisolated(nonsending) func executeScript(
        _ sql: String, deadline: ContinuousClock.Instant? = nil
    ) async throws(PostgresError) {
        guard !sql.utf8.contains(0) else {
            throw PostgresError(.unsupported, detail: "a NUL character in a script")
        }
        _ = try await exchange(.script(sql), deadline: deadline)
    }

    nonisolated(nonsending) private func exchange(
        _ request: Request, deadline: ContinuousClock.Instant?
    ) async throws(PostgresError) -> [PostgresRows] {
        try await call { session throws(PostgresError) in
            try session.exchange(request, deadline: deadline)
        }
    }
}
