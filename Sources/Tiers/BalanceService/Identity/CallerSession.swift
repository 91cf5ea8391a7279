import Ledger
import Postgres

/// The session that somebody asks with.
struct CallerSession: Sendable {
    /// Of its token, in hexadecimal: what a transaction finds it by.
    let hash: String
    let asker: Asker

    /// Those of some sessions that go on, with whose they are, read in the transaction that rests on it.
    static func live(_ hashes: [String]) -> PostgresQuery {
        """
        SELECT encode(sessions.token_hash, 'hex'), people.name, people.rights
        FROM identity.sessions JOIN identity.people ON people.id = sessions.person
        WHERE sessions.token_hash = ANY (ARRAY(SELECT decode(unnest(\(hashes)), 'hex')))
            AND sessions.ended_at IS NULL AND people.disabled_at IS NULL
            AND sessions.expires_at > clock_timestamp()
            AND sessions.last_used_at
                > clock_timestamp() - make_interval(secs => \(KnownSession.idleSeconds))
        """
    }

    /// Who asks, by the hash, from the rows of ``live(_:)``.
    static func askers(_ rows: PostgresRows) throws -> [String: Asker] {
        var askers: [String: Asker] = [:]
        for row in rows {
            let (hash, name, rights) = try row.decode((String, UserName, String).self)
            askers[hash] = Person.asker(name, rights: rights)
        }
        return askers
    }
}

/// Who asks in a batch, by their places.
struct CallerSessions: Sendable {
    /// One for each caller; nil: she has no session that goes on.
    let sessions: [CallerSession?]
    /// Those whose members are to wait.
    var exhausted: Set<UserName> = []

    /// - Parameter place: From 1; 0: there is none.
    subscript(place: UInt32) -> CallerSession? {
        place > 0 && Int(place) <= sessions.count ? sessions[Int(place) - 1] : nil
    }

    func mustWait(_ session: CallerSession) -> Bool {
        !exhausted.isEmpty && session.asker.name.map(exhausted.contains) == true
    }
}
