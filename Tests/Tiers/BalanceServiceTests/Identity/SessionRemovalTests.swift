import Postgres
import TestSupport
import Testing

@testable import BalanceService

extension ServiceTests {
    @Suite(.timeLimit(.minutes(2))) struct SessionRemovalTests {
        /// One of them is locked, and keeps no other.
        @Test func oldSessionsGoAndTheTrailStays() async throws {
            try await TestPostgres.withFreshDatabase("identity") { url async throws in
                try await migrate(url)
                try await TestPostgres.psql(
                    url,
                    """
                    INSERT INTO identity.people (name, rights, password)
                    VALUES ('alice', 'customer', '$argon2id$');
                    WITH ages AS (
                        SELECT i,
                            CASE WHEN i <= \(2 * SessionRemoval.batch + 10) THEN 31 ELSE 29 END AS days
                        FROM generate_series(1, \(2 * SessionRemoval.batch + 20)) AS i
                    )
                    INSERT INTO identity.sessions
                        (token_hash, person, created_at, expires_at, ended_at, client)
                    SELECT sha256(i::text::bytea), people.id,
                        now() - days * interval '1 day' - interval '12 hours',
                        now() - days * interval '1 day',
                        CASE WHEN i % 2 = 0 THEN now() - days * interval '1 day' END, i
                    FROM ages, identity.people;
                    INSERT INTO identity.events (at, event, name)
                    VALUES (now() - interval '10 years', 'login', 'alice')
                    """)
                @Sendable func count(_ what: String) async throws -> String {
                    try await TestPostgres.psql(url, "SELECT count(*) FROM identity.\(what)")
                }
                try await withConnection(url) { lock in
                    _ = try await lock.query("BEGIN")
                    _ = try await lock.query(
                        "SELECT FROM identity.sessions WHERE client = '1' FOR UPDATE")
                    try await withService(url, asking: nil) { _ async throws in
                        try await eventually { try await count("sessions") == "11" }
                    }
                }
                try await withService(url, asking: nil) { _ async throws in
                    try await eventually { try await count("sessions") == "10" }
                }
                #expect(
                    try await count("sessions WHERE expires_at < now() - interval '30 days'") == "0"
                )
                #expect(try await count("events") == "1")
            }
        }
    }
}
