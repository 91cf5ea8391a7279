internal import Foundation

/// A session that goes on for years, put into a bank's database without a login: what a test that is not about
/// logins asks with.
public struct TestSession: Sendable, Hashable {
    /// Whether it goes on, and why not.
    public enum State: String, Sendable {
        case live, expired, ended, idle
        /// Its user is.
        case disabled
    }

    public let user: String
    public let isOperator: Bool
    public let state: State
    /// 32 bytes.
    public let token: [UInt8]

    /// - Parameter number: Tells it from another one of hers.
    public init(
        user: String, isOperator: Bool = false, state: State = .live, number: Int? = nil
    ) {
        self.user = user
        self.isOperator = isOperator
        self.state = state
        let text = user + (state == .live ? "" : state.rawValue) + (number.map { "\($0)" } ?? "")
        token = Array((Array(text.utf8) + Array(repeating: 0x5a, count: 32)).prefix(32))
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

    private var hexadecimal: String { token.map { String(format: "%02x", $0) }.joined() }

    /// Its id, once it is open.
    func id(in url: String) async throws -> String {
        try await TestPostgres.psql(
            url,
            "SELECT id FROM identity.sessions WHERE token_hash = sha256('\\x\(hexadecimal)')")
    }

    /// Of a password that nobody has.
    private static let hash =
        "$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$" + String(repeating: "A", count: 43)

    /// Opens it, unless it is open; and adds the person, who can never sign in. Nothing where there are no
    /// sessions yet.
    public func open(in url: String) async throws {
        try await TestPostgres.psql(
            url,
            """
            DO $$ BEGIN
                IF to_regclass('identity.sessions') IS NULL THEN RETURN; END IF;
                INSERT INTO identity.people (name, rights, password, disabled_at)
                VALUES ('\(user)', '\(isOperator ? "operator" : "customer")', '\(Self.hash)',
                    \(state == .disabled ? "now()" : "NULL"))
                ON CONFLICT DO NOTHING;
                INSERT INTO identity.sessions
                    (token_hash, person, last_used_at, expires_at, ended_at)
                SELECT sha256('\\x\(hexadecimal)'), id,
                    now() + interval '\(state == .idle ? "-15 minutes" : "10 years")',
                    now() + interval '\(state == .expired ? "0" : "10 years")',
                    \(state == .ended ? "now()" : "NULL")
                FROM identity.people WHERE name = '\(user)'
                ON CONFLICT DO NOTHING;
            END $$
            """)
    }
}
