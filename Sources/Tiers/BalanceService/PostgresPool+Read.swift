import Chain
import Postgres

/// Reads ask again once when a connection was lost or its statement cancelled: they are safe to repeat,
/// and one that an operator ended is no reason to fail its callers.
extension PostgresPool {
    func read(_ query: PostgresQuery, deadline: Deadline) async throws -> PostgresRows {
        do {
            return try await self.query(query, deadline: deadline.instant)
        } catch let error where error.isOperatorsDoing {
            return try await self.query(query, deadline: deadline.instant)
        }
    }

    /// Reads by several statements in one round trip; each sees what is committed when it starts.
    func read(_ queries: [PostgresQuery], deadline: Deadline) async throws -> [PostgresRows] {
        do {
            return try await pipeline(queries, deadline: deadline)
        } catch let error as PostgresError where error.isOperatorsDoing {
            return try await pipeline(queries, deadline: deadline)
        }
    }

    /// Reads the outcome of a request for a caller: answered only once it will last.
    ///
    /// - Parameter isFound: Whether the answer rests on what was read.
    func readToSettle(
        _ queries: [PostgresQuery], deadline: Deadline,
        isFound: @escaping @Sendable ([PostgresRows]) -> Bool
    ) async throws -> [PostgresRows] {
        func read() async throws -> [PostgresRows] {
            try await transaction(opening: queries, deadline: deadline.instant) { opened in
                (isFound(opened) ? [.barrier] : [], opened)
            }
        }
        do {
            return try await read()
        } catch let error as PostgresTransactionError
            where error.isOutcomeUnknown || error.postgresError?.isOperatorsDoing == true
        {
            return try await read()
        }
    }

    private func pipeline(
        _ queries: [PostgresQuery], deadline: Deadline
    ) async throws -> [PostgresRows] {
        try await withConnection(deadline: deadline.instant) { connection in
            try await connection.pipeline(queries, deadline: deadline.instant)
        }
    }
}

extension PostgresError {
    /// pg_terminate_backend or a restart; pg_cancel_backend, which is SQLSTATE 57014.
    fileprivate var isOperatorsDoing: Bool { code == .connectionLost || sqlState == "57014" }
}
