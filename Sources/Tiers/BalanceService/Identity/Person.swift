import Ledger
import Postgres

/// Somebody whom the bank knows.
struct Person: Sendable {
    enum Rights: String, Sendable {
        case customer, `operator`
    }

    /// Her, where she asks.
    ///
    /// - Parameter rights: As the database has them; what is not known is no more than a customer's.
    static func asker(_ name: UserName, rights: String) -> Asker {
        .person(name, isOperator: rights == Rights.operator.rawValue)
    }

    let id: Int64
    let user: String
    let rights: String
    /// Argon2id, in PHC's string format.
    let password: String
    let isDisabled: Bool

    init(_ row: PostgresRow) throws(PostgresDecodingError) {
        (id, user, rights, password, isDisabled) = try row.decode(
            (Int64, String, String, String, Bool).self)
    }

    private static let columns: StaticString =
        "SELECT id, name, rights, password, disabled_at IS NOT NULL FROM identity.people"

    /// Locked, so that nothing of her changes in between.
    static func query(_ user: String) -> PostgresQuery {
        "\(raw: columns) WHERE name = \(user) FOR NO KEY UPDATE"
    }

    /// Locks whoever has the session with a token, and whom it is about, in one order and before any session of
    /// theirs: one is opened and ended while its person is locked.
    static func locking(
        token: some Collection<UInt8>, about user: String? = nil
    ) -> PostgresQuery {
        """
        SELECT FROM identity.people
        WHERE name = \(user) OR id = (
            SELECT person FROM identity.sessions
            WHERE token_hash = decode(\(KnownSession.hash(token)), 'hex'))
        ORDER BY id FOR NO KEY UPDATE
        """
    }

    /// As she is, without a lock: that would be written to disk, which takes a time that nobody's name takes.
    static func reading(_ user: String) -> PostgresQuery {
        "\(raw: columns) WHERE name = \(user)"
    }

    /// - Parameter isDemo: Whether others may know the password, as the demo's are printed.
    static func insertion(
        _ user: String, _ rights: Rights, password: String, isDemo: Bool = false
    ) -> PostgresQuery {
        """
        INSERT INTO identity.people (name, rights, password, has_demo_password)
        VALUES (\(user), \(rights.rawValue), \(password), \(isDemo))
        """
    }

    /// - Parameters:
    ///   - hash: Of the new password.
    ///   - isDemo: As above.
    static func change(
        _ id: Int64, password hash: String, isDemo: Bool = false
    ) -> PostgresQuery {
        """
        UPDATE identity.people
        SET password = \(hash), has_demo_password = \(isDemo), disabled_at = NULL
        WHERE id = \(id)
        """
    }

    /// Whether somebody can sign in with a password of the demo's.
    static let demoQuery: PostgresQuery = """
        SELECT EXISTS (
            SELECT FROM identity.people WHERE has_demo_password AND disabled_at IS NULL)
        """

    static func disabling(_ id: Int64) -> PostgresQuery {
        """
        UPDATE identity.people SET disabled_at = coalesce(disabled_at, clock_timestamp())
        WHERE id = \(id)
        """
    }
}
