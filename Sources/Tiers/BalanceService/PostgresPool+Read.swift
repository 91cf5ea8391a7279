import Chain
import Postgres

/// Reads ask again when their connection was lost or their statement cancelled: they are safe to repeat,
/// and that an operator ended one is no reason to fail its callers.
extension PostgresPool {
    func read(_ query: PostgresQuery, deadline: Deadline) async throws -> PostgresRows {
        try await repeating { try await self.query(query, deadline: deadline.instant) }
    }

    /// Reads by several statements in one round trip; each sees what is committed when it starts.
    func read(_ queries: [PostgresQuery], deadline: Deadline) async throws -> [PostgresRows] {
        try await repeating {
            try await withConnection(deadline: deadline.instant) { connection in
                try await connection.pipeline(queries, deadline: deadline.instant)
            }
        }
    }

    /// Reads the outcome of a request for a caller: answered only once it will last.
    ///
    /// - Parameter isFound: Whether the answer rests on what was read.
    func readToSettle(
        _ queries: [PostgresQuery], deadline: Deadline,
        isFound: @escaping @Sendable ([PostgresRows]) throws -> Bool
    ) async throws -> [PostgresRows] {
        try await repeating {
            try await transaction(opening: queries, deadline: deadline.instant) { opened in
                (try isFound(opened) ? [.barrier] : [], opened)
            }
        }
    }

    /// Each connection that is there may have been lost already, unnoticed. What was cancelled or not
    /// confirmed is asked again once only: its time may be limited there.
    private func repeating<Answer: Sendable>(
        _ read: () async throws -> Answer
    ) async throws -> Answer {
        for count in 0..<size {
            do {
                return try await read()
            } catch  where error.isConnectionLost || count == 0 && error.mayPass {}
        }
        return try await read()
    }
}

extension Error {
    private var ofPostgres: PostgresError? {
        (self as? PostgresTransactionError)?.postgresError ?? self as? PostgresError
    }

    /// pg_terminate_backend or a restart.
    fileprivate var isConnectionLost: Bool { ofPostgres?.code == .connectionLost }

    /// pg_cancel_backend, or a COMMIT without an answer.
    fileprivate var mayPass: Bool {
        ofPostgres?.sqlState == "57014" || ofPostgres?.code == .commitOutcomeUnknown
    }
}
