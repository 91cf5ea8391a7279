import Bytes
import Crypto
import Ledger
import Postgres

/// A session with the person whose it is, as both are at one moment.
struct KnownSession: Sendable {
    /// Why a session is over.
    enum End: Sendable, Equatable {
        case ended, idle, expired
    }

    /// It ends when it was not used for so long, and at the latest after so long.
    static let idleSeconds: Int64 = 15 * 60
    static let longestSeconds: Int64 = 12 * 60 * 60

    var id: Identifier
    var person: Int64
    var user: String
    var rights: String
    var client: String?
    var source: String?
    var openedAt: Timestamp
    var lastUsedAt: Timestamp
    var expiresAt: Timestamp
    /// Whether it was ended, or its person disabled.
    var isEnded: Bool
    /// When this was read, by the database's clock.
    var now: Timestamp

    var idleAt: Timestamp {
        Timestamp(microseconds: lastUsedAt.microseconds + Self.idleSeconds * 1_000_000)
    }

    /// Who asks by it; nil: a name that is none.
    var asker: Asker? {
        UserName(user).map { Person.asker($0, rights: rights) }
    }

    /// Nil while it goes on.
    var end: End? {
        if isEnded { return .ended }
        if now >= expiresAt { return .expired }
        return now >= idleAt ? .idle : nil
    }
}

extension KnownSession {
    init(_ row: PostgresRow) throws(PostgresDecodingError) {
        (
            id, person, user, rights, client, source, openedAt, lastUsedAt, expiresAt, isEnded, now
        ) = try row.decode(
            (
                Identifier, Int64, String, String, String?, String?, Timestamp, Timestamp,
                Timestamp, Bool, Timestamp
            ).self)
    }

    private static let columns: StaticString = """
        SELECT sessions.id, people.id, people.name, people.rights, sessions.client,
            sessions.source, sessions.created_at, sessions.last_used_at, sessions.expires_at,
            sessions.ended_at IS NOT NULL OR people.disabled_at IS NOT NULL, clock_timestamp(),
            encode(sessions.token_hash, 'hex')
        FROM identity.sessions JOIN identity.people ON people.id = sessions.person
        """

    /// The hash of its token, in hexadecimal.
    static func hash(in row: PostgresRow) throws(PostgresDecodingError) -> String {
        try row.decode(at: 11)
    }

    /// Those with some tokens, which are used by that: noted when the last time is a minute ago, and nobody
    /// else is at it.
    static func use(hashes: [String]) -> PostgresQuery {
        """
        WITH wanted AS (SELECT decode(hash, 'hex') AS hash FROM unnest(\(hashes)) AS hash),
        used AS (
            UPDATE identity.sessions SET last_used_at = clock_timestamp()
            WHERE id IN (
                SELECT id FROM identity.sessions
                WHERE token_hash IN (SELECT hash FROM wanted) AND ended_at IS NULL
                    AND expires_at > clock_timestamp()
                    AND last_used_at < clock_timestamp() - interval '1 minute'
                    AND last_used_at
                        > clock_timestamp() - make_interval(secs => \(idleSeconds))
                FOR NO KEY UPDATE SKIP LOCKED
            )
        )
        \(raw: columns) WHERE sessions.token_hash IN (SELECT hash FROM wanted)
        """
    }

    /// The one with a token, locked: it goes on until the transaction is over.
    static func query(token: some Collection<UInt8>) -> PostgresQuery {
        """
        \(raw: columns) WHERE sessions.token_hash = decode(\(hash(token)), 'hex')
        FOR NO KEY UPDATE OF sessions
        """
    }

    /// The one with a token, as it is.
    static func reading(token: some Collection<UInt8>) -> PostgresQuery {
        "\(raw: columns) WHERE sessions.token_hash = decode(\(hash(token)), 'hex')"
    }

    /// Those of a person that go on.
    ///
    /// - Parameters:
    ///   - user: Her name; nil: it is told by a token.
    ///   - token: Of one of hers.
    static func live(of user: String? = nil, token: some Collection<UInt8> = []) -> PostgresQuery {
        """
        \(raw: columns)
        WHERE (people.name = \(user) OR people.id = (
                SELECT person FROM identity.sessions
                WHERE token_hash = decode(\(hash(token)), 'hex')))
            AND sessions.ended_at IS NULL AND sessions.expires_at > clock_timestamp()
            AND sessions.last_used_at > clock_timestamp() - make_interval(secs => \(idleSeconds))
        """
    }

    static func insertion(
        _ id: Identifier, token: [UInt8], of person: Int64, client: String?, source: String?
    ) -> PostgresQuery {
        """
        INSERT INTO identity.sessions (id, token_hash, person, expires_at, client, source)
        VALUES (\(id), decode(\(hash(token)), 'hex'), \(person),
            clock_timestamp() + make_interval(secs => \(longestSeconds)), \(client), \(source))
        """
    }

    static func use(_ id: Identifier) -> PostgresQuery {
        "UPDATE identity.sessions SET last_used_at = clock_timestamp() WHERE id = \(id)"
    }

    /// Ends one, and says so.
    static func ending(_ id: Identifier) -> [PostgresQuery] {
        [
            "UPDATE identity.sessions SET ended_at = clock_timestamp() WHERE id = \(id)",
            SessionEndings.notice(ofSession: id),
        ]
    }

    /// Ends all of a person, whose row is locked: no other one is opened meanwhile. Says so.
    ///
    /// - Parameter kept: One that goes on.
    static func ending(of person: Int64, but kept: Identifier? = nil) -> [PostgresQuery] {
        [
            """
            WITH hers AS (
                SELECT id FROM identity.sessions
                WHERE person = \(person) AND ended_at IS NULL AND id IS DISTINCT FROM \(kept)
                ORDER BY id FOR NO KEY UPDATE
            )
            UPDATE identity.sessions SET ended_at = clock_timestamp() FROM hers
            WHERE sessions.id = hers.id
            """, SessionEndings.notice(of: person),
        ]
    }

    /// SHA-256, in hexadecimal.
    static func hash(_ token: some Collection<UInt8>) -> String {
        // For each token of each batch: one text, and not one for each byte.
        String(unsafeUninitializedCapacity: 2 * SHA256.byteCount) { buffer in
            for (index, byte) in SHA256.hash(data: Array(token)).enumerated() {
                buffer.putHexadecimal(byte, at: 2 * index)
            }
            return 2 * SHA256.byteCount
        }
    }
}
