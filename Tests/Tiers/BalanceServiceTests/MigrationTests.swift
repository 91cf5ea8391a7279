import Foundation
import Postgres
import TestSupport
import Testing

@testable import BalanceService

extension ServiceTests {
    @Suite(.timeLimit(.minutes(2))) struct MigrationTests {
        private static let first = Migration(
            name: "0001_a", bytes: Array("CREATE TABLE a (i int)".utf8))
        private static let second = Migration(
            name: "0002_b", bytes: Array("CREATE TABLE b (i int)".utf8))

        @Test func embedsTheFilesOfTheFolder() throws {
            let folder = projectFolder.appendingPathComponent("sql")
            let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
                $0.wholeMatch(of: /[0-9]{4}_[a-z_]+\.sql/) != nil
            }.sorted()
            #expect(Migration.all.map { "\($0.name).sql" } == files)
            for migration in Migration.all + [.demo] {
                let file = try Data(
                    contentsOf: folder.appendingPathComponent("\(migration.name).sql"))
                #expect(Array(migration.sql.utf8) == Array(file), "\(migration.name)")
            }
        }

        @Test func appliesOnceInOrder() async throws {
            try await TestPostgres.withFreshDatabase("migrations") { url async throws in
                #expect(try await migrate(url) == Migration.all.map(\.name))
                #expect(try await migrate(url) == [])
                let history = try await TestPostgres.psql(
                    url, "SELECT name FROM teller_migrations ORDER BY applied_at")
                #expect(
                    history.split(separator: "\n").map(String.init) == Migration.all.map(\.name))
            }
        }

        @Test func findsThePasswordsOfTheDemoThatAreThere() async throws {
            try await TestPostgres.withFreshDatabase("migrations") { url async throws in
                try await migrate(url, Array(Migration.all.prefix(7)))
                try await TestPostgres.psql(
                    url,
                    """
                    INSERT INTO identity.people (name, rights, password)
                    SELECT name, 'customer', '$argon2id$'
                    FROM unnest(ARRAY['alice', 'bruno', 'emi', 'zoe']) AS name;
                    INSERT INTO identity.events (event, name, done_by) VALUES
                        ('user_reset', 'alice', NULL), ('user_reset', 'bruno', 'olga'),
                        ('password_changed', 'emi', NULL)
                    """)
                try await migrate(url)
                let found = try await TestPostgres.psql(
                    url, "SELECT name FROM identity.people WHERE has_demo_password")
                #expect(found == "alice")
            }
        }

        @Test func appliesWhatIsNew() async throws {
            try await TestPostgres.withFreshDatabase("migrations") { url async throws in
                #expect(try await migrate(url, [Self.first]) == ["0001_a"])
                #expect(try await migrate(url, [Self.first, Self.second]) == ["0002_b"])
            }
        }

        @Test func twoAtOnceApplyOnce() async throws {
            try await TestPostgres.withFreshDatabase("migrations") { url async throws in
                let applied = try await withThrowingTaskGroup(of: [String].self) { group in
                    for _ in 0..<4 { group.addTask { try await migrate(url) } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(applied.flatMap(\.self).sorted() == Migration.all.map(\.name))
                #expect(applied.allSatisfy { $0 == $0.sorted() })
            }
        }

        /// Tries to apply two migrations while another migrator is in the middle of the first.
        ///
        /// - Parameter end: How the other one ends.
        private func beside(
            _ url: String, checksum: Int64,
            _ end: nonisolated(nonsending) (PostgresConnection) async throws -> Void
        ) async throws -> [String] {
            try await withConnection(url) { other in
                _ = try await Migrator(migrations: [], logger: .silent).migrate(
                    other, deadline: .now + .seconds(30))
                _ = try await other.query("BEGIN")
                _ = try await other.query(
                    "INSERT INTO public.teller_migrations VALUES ('0001_a', \(checksum))")
                _ = try await other.query("CREATE TABLE a (i int)")
                async let applied = migrate(url, [Self.first, Self.second])
                try await eventually {
                    try await TestPostgres.psql(
                        url,
                        """
                        SELECT count(*) FROM pg_stat_activity
                        WHERE datname = current_database() AND wait_event_type = 'Lock'
                        """) == "1"
                }
                try await end(other)
                return try await applied
            }
        }

        @Test func goesOnBehindAnother() async throws {
            try await TestPostgres.withFreshDatabase("migrations") { url async throws in
                let applied = try await beside(url, checksum: Self.first.checksum) {
                    _ = try await $0.query("COMMIT")
                }
                #expect(applied == ["0002_b"])
            }
        }

        @Test func redoesWhatDiedWithAnother() async throws {
            try await TestPostgres.withFreshDatabase("migrations") { url async throws in
                let applied = try await beside(url, checksum: Self.first.checksum) {
                    await $0.close()
                }
                #expect(applied == ["0001_a", "0002_b"])
            }
        }

        /// Another program's, at the same time.
        @Test func namesAFileThatAnotherAppliesChanged() async throws {
            try await TestPostgres.withFreshDatabase("migrations") { url async throws in
                let error = await #expect(throws: MigrationError.self) {
                    try await beside(url, checksum: 1) { _ = try await $0.query("COMMIT") }
                }
                #expect(error?.description.contains("sql/0001_a.sql") == true)
            }
        }

        @Test func aRoleWithoutRightsChangesNothing() async throws {
            try await TestPostgres.withFreshDatabase("migrations") { url async throws in
                try await migrate(url)
                let error = await #expect(throws: PostgresError.self) {
                    try await withConnection(url) { connection in
                        _ = try await connection.query("SET ROLE teller_app")
                        return try await Migrator(migrations: Migration.all, logger: .silent)
                            .migrate(connection, deadline: .now + .seconds(30))
                    }
                }
                #expect(error?.sqlState == "42501")
                #expect(try await migrate(url) == [])
            }
        }

        @Test func namesAFileThatWasChanged() async throws {
            try await TestPostgres.withFreshDatabase("migrations") { url async throws in
                try await migrate(url, [Self.first, Self.second])
                let changed = Migration(
                    name: "0001_a", bytes: Array("CREATE TABLE a (i int8)".utf8))
                let error = await #expect(throws: MigrationError.self) {
                    try await migrate(url, [changed, Self.second])
                }
                #expect(error?.description.contains("sql/0001_a.sql") == true)
            }
        }

        @Test func namesOneThatItDoesNotKnow() async throws {
            try await TestPostgres.withFreshDatabase("migrations") { url async throws in
                try await migrate(url, [Self.first, Self.second])
                let error = await #expect(throws: MigrationError.self) {
                    try await migrate(url, [Self.first])
                }
                #expect(error?.description.contains("0002_b") == true)
            }
        }

        /// One that fails leaves nothing of itself, and what was before it stays.
        @Test func failsWhole() async throws {
            try await TestPostgres.withFreshDatabase("migrations") { url async throws in
                let broken = Migration(
                    name: "0002_b", bytes: Array("CREATE TABLE b (i int); SELECT 1 / 0".utf8))
                let error = await #expect(throws: PostgresTransactionError.self) {
                    try await migrate(url, [Self.first, broken])
                }
                #expect(error?.postgresError?.sqlState == "22012")
                let tables = try await TestPostgres.psql(
                    url, "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_stat_user_tables"
                )
                #expect(tables == "a teller_migrations")
                #expect(try await migrate(url, [Self.first, Self.second]) == ["0002_b"])
            }
        }

        @Test func checksumTellsTextsApart() {
            #expect(Self.first.checksum != Self.second.checksum)
            // FNV's own test value.
            #expect(
                Migration(name: "a", bytes: Array("foobar".utf8)).checksum
                    == Int64(bitPattern: 0x8594_4171_f739_67e8))
        }
    }
}
