internal import Foundation

/// A session that goes on for years, put into a bank's database without a login: what a test that is not about
/// logins asks with.
public struct TestSession: Sendable {
    public let user: String
    public let isOperator: Bool
    /// 32 bytes.
    public let token: [UInt8]

    public init(user: String, isOperator: Bool = false) {
        self.user = user
        self.isOperator = isOperator
        token = Array((Array(user.utf8) + Array(repeating: 0x5a, count: 32)).prefix(32))
    }

    /// Somebody who may do everything.
    public static let tester = TestSession(user: "tester", isOperator: true)

    /// The token as hop 1 and `TELLER_TOKEN` have it.
    public var text: String {
        "tlr_"
            + Data(token).base64EncodedString().replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
    }

    /// The value of the header field Authorization.
    public var authorization: String { "Bearer \(text)" }

    /// Opens it, unless it is open; and adds the person, who can never sign in. Nothing where there are no
    /// sessions yet.
    public func open(in url: String) async throws {
        let hexadecimal = token.map { String(format: "%02x", $0) }.joined()
        try await TestPostgres.psql(
            url,
            """
            DO $$ BEGIN
                IF to_regclass('identity.sessions') IS NULL THEN RETURN; END IF;
                INSERT INTO identity.people (name, rights, password)
                VALUES ('\(user)', '\(isOperator ? "operator" : "customer")', '$argon2id$')
                ON CONFLICT DO NOTHING;
                INSERT INTO identity.sessions (token_hash, person, last_used_at, expires_at)
                SELECT sha256('\\x\(hexadecimal)'), id, now() + interval '10 years',
                    now() + interval '10 years'
                FROM identity.people WHERE name = '\(user)'
                ON CONFLICT DO NOTHING;
            END $$
            """)
    }
}
