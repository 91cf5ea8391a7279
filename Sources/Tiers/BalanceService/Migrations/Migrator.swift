import Logging
import Postgres

/// Brings a database to the schema of this program.
///
/// Each migration runs in a transaction of its own, which first inserts the row that says so: a second
/// migrator waits there and then sees it, so that services may start together.
struct Migrator: Sendable {
    let migrations: [Migration]
    let logger: Logger

    /// - Returns: The names of the migrations that were applied now, and not by another migrator.
    /// - Throws: ``MigrationError``, `PostgresError` or `PostgresTransactionError`; what was applied
    ///   before stays applied.
    func migrate(
        _ connection: PostgresConnection, deadline: ContinuousClock.Instant
    ) async throws -> [String] {
        try await createHistory(on: connection, deadline: deadline)
        var applied: [String] = []
        // Read anew each time: another migrator may have applied one, and of another program.
        while let next = try await pendingMigrations(connection, deadline: deadline).first {
            guard try await apply(next, to: connection, deadline: deadline) else { continue }
            logger.notice("migrated", metadata: ["migration": "\(next.name)"])
            applied.append(next.name)
        }
        return applied
    }

    /// Runs `body` in a transaction, one migrator after another.
    ///
    /// - Parameter connection: To a database that has been migrated.
    static func alone(
        _ connection: PostgresConnection, deadline: ContinuousClock.Instant,
        _ body: nonisolated(nonsending) (PostgresConnection) async throws -> Void
    ) async throws {
        try await connection.withTransaction(deadline: deadline) { connection in
            _ = try await connection.query(
                "SELECT name FROM public.teller_migrations ORDER BY name LIMIT 1 FOR UPDATE",
                deadline: deadline)
            try await body(connection)
        }
    }

    private func createHistory(
        on connection: PostgresConnection, deadline: ContinuousClock.Instant
    ) async throws {
        let script = """
            CREATE TABLE IF NOT EXISTS public.teller_migrations (
                name text PRIMARY KEY,
                checksum bigint NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT now()
            )
            """
        do {
            try await connection.executeScript(script, deadline: deadline)
        } catch let error where ["23505", "42710", "42P07"].contains(error.sqlState) {
            // Another migrator created it, or its row type, at the same time, and has committed.
            try await connection.executeScript(script, deadline: deadline)
        }
    }

    private func pendingMigrations(
        _ connection: PostgresConnection, deadline: ContinuousClock.Instant
    ) async throws -> [Migration] {
        let rows = try await connection.query(
            "SELECT name, checksum FROM public.teller_migrations ORDER BY name", deadline: deadline)
        // One that has a ledger already keeps its encoding.
        if rows.isEmpty { try await checkEncoding(of: connection, deadline: deadline) }
        var applied: [String: Int64] = [:]
        for row in rows {
            let (name, checksum) = try row.decode((String, Int64).self)
            guard migrations.contains(where: { $0.name == name }) else {
                throw MigrationError.unknown(name: name)
            }
            applied[name] = checksum
        }
        return try migrations.filter { migration in
            guard let checksum = applied[migration.name] else { return true }
            guard checksum == migration.checksum else {
                throw MigrationError.changed(name: migration.name)
            }
            return false
        }
    }

    private func checkEncoding(
        of connection: PostgresConnection, deadline: ContinuousClock.Instant
    ) async throws {
        let rows = try await connection.query("SHOW server_encoding", deadline: deadline)
        guard let name = try rows.first?.decode(String.self, at: 0), name != "UTF8" else { return }
        throw MigrationError.encoding(name)
    }

    /// - Returns: Whether it was applied now; else another migrator has just done so.
    private func apply(
        _ migration: Migration, to connection: PostgresConnection,
        deadline: ContinuousClock.Instant
    ) async throws -> Bool {
        try await connection.withTransaction(deadline: deadline) { connection in
            let claimed = try await connection.query(
                """
                INSERT INTO public.teller_migrations (name, checksum)
                VALUES (\(migration.name), \(migration.checksum))
                ON CONFLICT (name) DO NOTHING RETURNING name
                """, deadline: deadline)
            if claimed.isEmpty { return false }
            try await connection.executeScript(migration.sql, deadline: deadline)
            return true
        }
    }
}
