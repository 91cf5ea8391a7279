extension PostgresPool {
    /// Lends a connection for as long as `body` runs.
    /// - Parameter deadline: for getting a connection; `body` passes its own to what it calls.
    /// - Throws: a `PostgresError` when there is no connection to be had; what `body` throws.
    public nonisolated(nonsending) func withConnection<Result>(
        deadline: ContinuousClock.Instant? = nil,
        _ body: nonisolated(nonsending) (PostgresConnection) async throws -> sending Result
    ) async throws -> sending Result {
        let connection = try await acquire(deadline: deadline)
        defer { giveBack(connection) }
        return try await body(connection)
    }

    /// Runs `body` in a transaction: see `PostgresConnection.withTransaction`.
    /// - Parameter deadline: for getting a connection, for BEGIN and for COMMIT.
    /// - Throws: a `PostgresError` when there is no connection to be had; else
    ///   `PostgresTransactionError`.
    public nonisolated(nonsending) func withTransaction<Result>(
        _ mode: PostgresTransactionMode = .readCommitted,
        deadline: ContinuousClock.Instant? = nil,
        _ body: nonisolated(nonsending) (PostgresConnection) async throws -> sending Result
    ) async throws -> sending Result {
        let connection = try await acquire(deadline: deadline)
        defer { giveBack(connection) }
        return try await connection.withTransaction(mode, deadline: deadline, body)
    }

    /// Runs a transaction of two round trips: see `PostgresConnection.transaction`.
    /// - Parameter deadline: for getting a connection and for all of the transaction.
    /// - Throws: a `PostgresError` when there is no connection to be had; else
    ///   `PostgresTransactionError`.
    public nonisolated(nonsending) func transaction<Result: Sendable>(
        opening: [PostgresQuery], deadline: ContinuousClock.Instant? = nil,
        decide:
            @escaping @Sendable (_ opened: [PostgresRows]) throws -> (
                closing: [PostgresQuery], result: Result
            )
    ) async throws -> Result {
        let connection = try await acquire(deadline: deadline)
        defer { giveBack(connection) }
        return try await connection.transaction(
            opening: opening, deadline: deadline, decide: decide)
    }

    /// Runs one statement on any connection.
    /// - Parameter deadline: for getting a connection and for the statement.
    public nonisolated(nonsending) func query(
        _ query: PostgresQuery, deadline: ContinuousClock.Instant? = nil
    ) async throws(PostgresError) -> PostgresRows {
        let connection = try await acquire(deadline: deadline)
        defer { giveBack(connection) }
        return try await connection.query(query, deadline: deadline)
    }
}
