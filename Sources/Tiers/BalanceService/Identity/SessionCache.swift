import Chain
import Ledger
import Postgres
import Synchronization

/// Whose tokens are, for batches: what was found counts for 5 s, or until a session of hers is ended. What is not
/// known is read, and without the database nobody is anybody.
final class SessionCache: Sendable {
    private struct Verdict {
        /// Nil: the token is of no session that goes on.
        var caller: Asker?
        var person: Int64?
        /// When it was asked for.
        var era: Int
        var checkedAt: ContinuousClock.Instant
    }

    private struct State {
        /// Of sessions that go on.
        var live = Generations<String, Verdict>(limit: SessionCache.limit)
        /// Of tokens that count for nothing, however many strangers make up.
        var others = Generations<String, Verdict>(limit: SessionCache.limit)
        /// Counts what made some of them stale: what was asked for before.
        var era = 0
        /// Since when what was found of a person counts, and what was found at all.
        var eras: [Int64: Int] = [:]
        var firstEra = 0

        func counts(_ verdict: Verdict) -> Bool {
            verdict.era >= max(firstEra, verdict.person.flatMap { eras[$0] } ?? 0)
        }
    }

    static let freshness = Duration.seconds(5)
    private static let limit = 10_000

    private let pool: PostgresPool
    private let freshness: Duration
    private let state = Mutex(State())

    init(pool: PostgresPool, freshness: Duration) {
        self.pool = pool
        self.freshness = freshness
    }

    /// - Parameter tokens: Those of a batch; empty where a caller has none.
    func callers(
        of tokens: [some Collection<UInt8>], deadline: Deadline
    ) async throws -> CallerSessions {
        if tokens.isEmpty { return CallerSessions(sessions: []) }
        let hashes = tokens.map { $0.isEmpty ? nil : KnownSession.hash($0) }
        let now = ContinuousClock.now
        let (fresh, era) = state.withLock { state in
            (
                hashes.map { hash in
                    hash.flatMap { state.live[$0] ?? state.others[$0] }.flatMap {
                        now - $0.checkedAt < freshness && state.counts($0) ? $0 : nil
                    }
                }, state.era
            )
        }
        let missing = zip(hashes, fresh).compactMap { $1 == nil ? $0 : nil }
        var found: [String: KnownSession] = [:]
        if !missing.isEmpty {
            for row in try await pool.read(KnownSession.use(hashes: missing), deadline: deadline) {
                let session = try KnownSession(row)
                if session.end == nil { found[try KnownSession.hash(in: row)] = session }
            }
            keep(
                missing.map {
                    let session = found[$0]
                    return (
                        $0,
                        Verdict(
                            caller: session?.asker, person: session?.person, era: era,
                            checkedAt: now)
                    )
                })
        }
        return CallerSessions(
            sessions: zip(hashes, fresh).map { hash, verdict in
                guard let hash else { return nil }
                let asker = verdict.map(\.caller) ?? found[hash]?.asker
                return asker.map { CallerSession(hash: hash, asker: $0) }
            })
    }

    private func keep(_ verdicts: [(String, Verdict)]) {
        state.withLock { state in
            for (hash, verdict) in verdicts where state.counts(verdict) {
                let isLive = verdict.caller != nil
                state.live[hash] = isLive ? verdict : nil
                state.others[hash] = isLive ? nil : verdict
            }
        }
    }

    /// Sessions were ended.
    ///
    /// - Parameter person: Whose; nil: anybody's.
    func forget(_ person: Int64? = nil) {
        state.withLock { state in
            state.era += 1
            if let person, state.eras.count < Self.limit {
                state.eras[person] = state.era
            } else {
                state.live.removeAll()
                state.others.removeAll()
                (state.eras, state.firstEra) = ([:], state.era)
            }
        }
    }
}
