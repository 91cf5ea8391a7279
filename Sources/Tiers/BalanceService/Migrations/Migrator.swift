import Logging
import Postgres

/// Brings a database to the schema of this program.
///
/// Each migration runs in a transaction of its own, together with the line that says so. An
/// advisory lock makes a second migrator wait, so that services may start together.
struct Migrator: Sendable {
    /// Any number that nobody else uses: "teller" in ASCII.
    static let lockID: Int64 = 0x7465_6c6c_6572

    let migrations: [Migration]
    let logger: Logger

    /// - Parameter finish: What else to do to the database before another migrator may.
    /// - Returns: The names of the migrations that were applied now.
    /// - Throws: ``MigrationError`` or `PostgresError`; what was applied before stays applied.
    func migrate(
        _ connection: PostgresConnection, deadline: ContinuousClock.Instant,
        finish: (PostgresConnection) async throws -> Void = { _ in }
    ) async throws -> [String] {
        _ = try await connection.query(
            "SELECT pg_advisory_lock(\(Self.lockID))::text", deadline: deadline)
        // The lock ends with the session at the latest: the connection is closed after use.
        try await createHistory(on: connection, deadline: deadline)
        let pending = try await pendingMigrations(connection, deadline: deadline)
        // One that has a ledger already keeps it.
        if pending.count == migrations.count {
            try await checkEncoding(of: connection, deadline: deadline)
        }
        for migration in pending {
            try await apply(migration, to: connection, deadline: deadline)
            logger.notice("migrated", metadata: ["migration": "\(migration.name)"])
        }
        try await finish(connection)
        _ = try await connection.query(
            "SELECT pg_advisory_unlock(\(Self.lockID))::text", deadline: deadline)
        return pending.map(\.name)
    }

    private func checkEncoding(
        of connection: PostgresConnection, deadline: ContinuousClock.Instant
    ) async throws {
        let rows = try await connection.query("SHOW server_encoding", deadline: deadline)
        guard let name = try rows.first?.decode(String.self, at: 0), name != "UTF8" else { return }
        throw MigrationError.encoding(name)
    }

    private func createHistory(
        on connection: PostgresConnection, deadline: ContinuousClock.Instant
    ) async throws {
        try await connection.executeScript(
            """
            CREATE TABLE IF NOT EXISTS public.teller_migrations (
                name text PRIMARY KEY,
                checksum bigint NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT now()
            )
            """, deadline: deadline)
    }

    private func pendingMigrations(
        _ connection: PostgresConnection, deadline: ContinuousClock.Instant
    ) async throws -> [Migration] {
        let rows = try await connection.query(
            "SELECT name, checksum FROM public.teller_migrations ORDER BY name", deadline: deadline)
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

    private func apply(
        _ migration: Migration, to connection: PostgresConnection,
        deadline: ContinuousClock.Instant
    ) async throws {
        try await connection.withTransaction(deadline: deadline) { connection in
            try await connection.executeScript(migration.sql, deadline: deadline)
            _ = try await connection.query(
                """
                INSERT INTO public.teller_migrations (name, checksum)
                VALUES (\(migration.name), \(migration.checksum))
                """, deadline: deadline)
        }
    }
}
