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
        var verdicts: [String: Verdict] = [:]
        /// Counts what made them stale: an answer that was asked for before is not kept.
        var era = 0
    }

    static let freshness = Duration.seconds(5)
    /// Past it all are forgotten.
    private static let limit = 20_000

    private let pool: PostgresPool
    private let freshness: Duration
    private let state = Mutex(State())

    init(pool: PostgresPool, freshness: Duration) {
        self.pool = pool
        self.freshness = freshness
    }

    /// - Parameter tokens: Those of a batch, each once.
    func callers(
        of tokens: [some Collection<UInt8>], deadline: Deadline
    ) async throws -> BatchCallers {
        if tokens.isEmpty { return BatchCallers(callers: []) }
        let (hashes, now) = (tokens.map { KnownSession.hash($0) }, ContinuousClock.now)
        let (fresh, era) = state.withLock { state in
            (
                hashes.map { hash in
                    state.verdicts[hash].flatMap {
                        now - $0.checkedAt < freshness ? $0 : nil
                    }
                }, state.era
            )
        }
        let missing = zip(hashes, fresh).filter { $1 == nil }.map(\.0)
        if missing.isEmpty { return BatchCallers(callers: fresh.map { $0?.caller }) }
        let rows = try await pool.read(KnownSession.use(hashes: missing), deadline: deadline)
        let found = try Dictionary(
            rows.map { row -> (String, Asker?) in
                let session = try KnownSession(row)
                return (try KnownSession.hash(in: row), session.end == nil ? session.asker : nil)
            }, uniquingKeysWith: { one, _ in one })
        keep(missing.map { ($0, Verdict(caller: found[$0] ?? nil, checkedAt: now)) }, of: era)
        return BatchCallers(
            callers: zip(hashes, fresh).map { hash, verdict in
                verdict.map(\.caller) ?? found[hash] ?? nil
            })
    }

    private func keep(_ verdicts: [(String, Verdict)], of era: Int) {
        state.withLock { state in
            guard state.era == era else { return }
            if state.verdicts.count > Self.limit { state.verdicts = [:] }
            for (hash, verdict) in verdicts { state.verdicts[hash] = verdict }
        }
    }

    /// Sessions were ended.
    func forget() {
        state.withLock { state in
            state.verdicts = [:]
            state.era += 1
        }
    }
}

/// Who asks in a batch, by the places of their tokens.
struct BatchCallers: Sendable {
    /// One for each token; nil: it does not count.
    let callers: [Asker?]

    /// - Parameter place: From 1; 0: without a token.
    /// - Returns: Whether the member may be answered. Without a token it may, as yet.
    func admits(_ place: UInt32) -> Bool {
        place == 0 || Int(place) <= callers.count && callers[Int(place) - 1] != nil
    }
}
