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
