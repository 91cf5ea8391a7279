import BalanceAPI
import Chain
import GRPCCore
import GRPCProtobuf
import Ledger
import Logging
import Postgres

/// How it decides: on rows that it has locked, in the transaction that does what follows.
extension IdentityService {
    /// Reads, decides, and writes what follows from it, with the events that say so.
    ///
    /// - Parameters:
    ///   - opening: Reads, and locks what is to change.
    ///   - decide: Throws ``Refused`` when nothing is to be done, and nothing recorded either.
    /// - Throws: ``Refused``; a status without a reason when it may be done or not.
    func transaction<Value: Sendable>(
        _ opening: [PostgresQuery], deadline: Deadline,
        _ decide: @escaping @Sendable ([PostgresRows]) throws -> Decision<Value>
    ) async throws -> Value {
        let decision: Decision<Value>
        do {
            decision = try await pool.transaction(opening: opening, deadline: deadline.instant) {
                let decision = try decide($0)
                return (decision.writes + decision.events.map(\.insertion), decision)
            }
        } catch let error as PostgresTransactionError {
            guard !error.isOutcomeUnknown else {
                logger.warning("outcome unknown", metadata: ["cause": "\(error)"])
                // A session may have been ended.
                sessions.forget()
                throw GoogleRPCStatus(
                    code: .unavailable, message: "it may be done or not", details: [])
            }
            throw error.underlying
        }
        if let person = decision.endsSessionsOf { sessions.forget(person) }
        for event in decision.events { event.log(logger) }
        return try decision.result.get()
    }

    /// Does what a session's person asks for in a transaction of which the session is a part: it is locked with
    /// her, and used.
    ///
    /// - Parameters:
    ///   - user: Whom it is about, where that may be somebody else: she is locked, too.
    ///   - reads: What is read once all are locked.
    ///   - decide: Gets the session and what was read. What it refuses by throwing has used the session.
    /// - Throws: ``Refused``.
    func transaction<Value: Sendable>(
        by caller: Teller_Balance_V1_Caller, about user: String? = nil,
        reading reads: [PostgresQuery] = [], deadline: Deadline,
        _ decide: @escaping @Sendable (KnownSession, [PostgresRows]) throws -> Decision<Value>
    ) async throws -> Value {
        let opening = [
            Person.locking(token: caller.token, about: user),
            KnownSession.query(token: caller.token),
        ]
        return try await noting(caller) {
            try await transaction(opening + reads, deadline: deadline) { rows in
                let session = try rows[1].first.caller()
                var decision: Decision<Value>
                do {
                    decision = try decide(session, Array(rows[2...]))
                } catch let refused as Refused {
                    decision = Decision(result: .failure(refused))
                }
                decision.writes.insert(KnownSession.use(session.id), at: 0)
                return decision
            }
        }
    }

    /// Looks for a caller's session. That she has none that counts is a try, and asks no database where she
    /// has no token.
    ///
    /// - Throws: ``Refused``.
    func noting<Value>(
        _ caller: Teller_Balance_V1_Caller, _ body: () async throws -> Value
    ) async throws -> Value {
        do {
            guard !caller.token.isEmpty else {
                throw Refused(.unauthenticated, "The request has no session's token: sign in.")
            }
            return try await body()
        } catch let refused as Refused where refused.code == .unauthenticated {
            tries.note(nil, Origin(caller))
            throw refused
        }
    }

    /// An operator's act, in the transaction in which her session counts; who may not do it is recorded.
    ///
    /// - Throws: ``Refused``.
    func act<Value: Sendable>(
        _ act: Act = .managePeople, by caller: Teller_Balance_V1_Caller, about user: String? = nil,
        reading reads: [PostgresQuery] = [], deadline: Deadline,
        _ decide: @escaping @Sendable (KnownSession, [PostgresRows]) throws -> Decision<Value>
    ) async throws -> Value {
        try await transaction(by: caller, about: user, reading: reads, deadline: deadline) {
            [tries] session, rows in
            guard session.asker?.may(act) == true else {
                return Decision(
                    events: [tries.event(by: session.asker, Origin(caller))].compactMap(\.self),
                    result: .failure(Refused(.forbidden, "That is for the bank's operators.")))
            }
            return try decide(session, rows)
        }
    }

    /// The session of whoever asks, which is used by that.
    ///
    /// - Throws: ``Refused``.
    func use(
        _ caller: Teller_Balance_V1_Caller, deadline: Deadline
    ) async throws -> KnownSession {
        try await noting(caller) {
            try await transaction([KnownSession.query(token: caller.token)], deadline: deadline) {
                var session = try $0[0].first.caller()
                let write = KnownSession.use(session.id)
                session.lastUsedAt = session.now
                return Decision(writes: [write], result: .success(session))
            }
        }
    }
}

extension PostgresRow? {
    /// - Returns: The session that the row is, which goes on.
    /// - Throws: ``Refused`` that says how to mend it.
    func caller() throws -> KnownSession {
        guard let row = self else {
            throw Refused(.unauthenticated, "The bank knows no such session: sign in.")
        }
        let session = try KnownSession(row)
        let why: String
        switch session.end {
        case nil: return session
        case .ended: why = "The session was ended"
        case .idle:
            why =
                "The session ended as it was not used for \(KnownSession.idleSeconds / 60) minutes"
        case .expired:
            why = "The session ended after \(KnownSession.longestSeconds / 3600) hours"
        }
        throw Refused(.unauthenticated, "\(why): sign in again.")
    }
}

/// What follows from what was read.
struct Decision<Value: Sendable>: Sendable {
    var writes: [PostgresQuery] = []
    var events: [SecurityEvent] = []
    /// A person, of whom sessions are ended.
    var endsSessionsOf: Int64?
    var result: Result<Value, Refused>
}
