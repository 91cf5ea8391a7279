import TestSupport
import Testing

@testable import BalanceService

extension ServiceTests {
    /// Whom the tables of people are for.
    @Suite(.timeLimit(.minutes(2)))
    struct IdentityRoleTests {
        private static let forbidden: [(role: String, statement: String)] = [
            ("teller_app", "SELECT password FROM identity.people"),
            ("teller_app", "SELECT source FROM identity.sessions"),
            ("teller_app", "UPDATE identity.people SET rights = 'operator'"),
            ("teller_app", "UPDATE identity.sessions SET last_used_at = now()"),
            ("teller_app", "SELECT number FROM identity.events"),
            ("teller_app", "SET LOCAL ROLE teller_identity; SELECT password FROM identity.people"),
            ("teller_identity", "SELECT id FROM teller.accounts"),
            ("teller_identity", "UPDATE identity.people SET name = 'x'"),
            ("teller_identity", "UPDATE identity.people SET rights = 'operator'"),
            ("teller_identity", "DELETE FROM identity.people"),
            ("teller_identity", "UPDATE identity.sessions SET person = 1"),
            ("teller_identity", "UPDATE identity.sessions SET expires_at = 'infinity'"),
            ("teller_identity", "TRUNCATE identity.sessions"),
            ("teller_identity", "UPDATE identity.events SET event = 'x'"),
            ("teller_identity", "DELETE FROM identity.events"),
            ("teller_identity", "TRUNCATE identity.events"),
            ("teller_identity", "CREATE TABLE identity.mine (i int)"),
        ]

        @Test func nobodyDoesMoreThanItMay() async throws {
            try await TestPostgres.withFreshDatabase("identity") { url async throws in
                try await migrate(url)
                for (role, statement) in Self.forbidden {
                    let error = await #expect(throws: CommandError.self, "\(role): \(statement)") {
                        try await TestPostgres.psql(
                            url, "SET SESSION AUTHORIZATION \(role); \(statement)")
                    }
                    #expect(error?.output.contains("permission denied") == true)
                }
            }
        }
    }
}
