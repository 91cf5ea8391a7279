import Chain
import Ledger
import Postgres
import Synchronization

/// Whose tokens are, for batches: what was found counts for 5 s, or until some session is ended. What is not
/// known is read, and without the database nobody is anybody.
final class SessionCache: Sendable {
    private struct Verdict {
        /// Nil: the token is of no session that goes on.
        var caller: Asker?
        var checkedAt: ContinuousClock.Instant
    }

    private struct State {
        /// Of sessions that go on.
        var live = Generations<String, Verdict>(limit: SessionCache.limit)
        /// Of tokens that count for nothing, however many strangers make up.
        var others = Generations<String, Verdict>(limit: SessionCache.limit)
        /// Counts what made them stale: an answer that was asked for before is not kept.
        var era = 0
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
                        now - $0.checkedAt < freshness ? $0 : nil
                    }
                }, state.era
            )
        }
        let missing = zip(hashes, fresh).compactMap { $1 == nil ? $0 : nil }
        var found: [String: Asker] = [:]
        if !missing.isEmpty {
            for row in try await pool.read(KnownSession.use(hashes: missing), deadline: deadline) {
                let session = try KnownSession(row)
                if session.end == nil { found[try KnownSession.hash(in: row)] = session.asker }
            }
            keep(missing.map { ($0, Verdict(caller: found[$0], checkedAt: now)) }, of: era)
        }
        return CallerSessions(
            sessions: zip(hashes, fresh).map { hash, verdict in
                guard let hash else { return nil }
                let asker = verdict.map(\.caller) ?? found[hash]
                return asker.map { CallerSession(hash: hash, asker: $0) }
            })
    }

    private func keep(_ verdicts: [(String, Verdict)], of era: Int) {
        state.withLock { state in
            guard state.era == era else { return }
            for (hash, verdict) in verdicts {
                if verdict.caller == nil {
                    state.others[hash] = verdict
                } else {
                    state.live[hash] = verdict
                }
            }
        }
    }

    /// Sessions were ended.
    func forget() {
        state.withLock { state in
            state.live.removeAll()
            state.others.removeAll()
            state.era += 1
        }
    }
}
