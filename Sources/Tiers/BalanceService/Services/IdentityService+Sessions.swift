import BalanceAPI
import Chain
import GRPCCore
import Ledger
import Postgres
import SwiftProtobuf

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension IdentityService {
    func openSession(
        request: ServerRequest<Teller_Identity_V1_OpenSessionRequest>, context: ServerContext
    ) async throws -> ServerResponse<Teller_Identity_V1_SessionReply> {
        try await answer(request, context) { message, deadline in
            let origin = Origin(message.caller)
            // Nobody has another name: it goes the way of a name that is unknown.
            let name = UserName(message.user)?.description ?? ""
            try takeTry(name, from: origin)
            let found = try await pool.read(Person.reading(name), deadline: deadline).first
            let hash = try found.map { try Person($0).password }
            let isRight = try await isRight(message.password, hash, of: name, from: origin)
            let client = (try? ShortText(message.client))?.description
            let (id, token) = (Identifier.random(), [UInt8].random(32))
            try await transaction([Person.query(name)], deadline: deadline) {
                rows -> Decision<Void> in
                let person = try rows[0].first.map { try Person($0) }
                guard let person, isRight, !person.isDisabled, person.password == hash else {
                    let event = SecurityEvent(
                        kind: .loginRefused, user: person?.user, origin: origin)
                    return Decision(events: [event], result: .failure(.wrongLogin))
                }
                let insertion = KnownSession.insertion(
                    id, token: token, of: person.id, client: client, source: origin.source)
                return Decision(
                    writes: [insertion],
                    events: [SecurityEvent(kind: .login, user: person.user, origin: origin)],
                    result: .success(()))
            }
            noteSuccess(name, from: origin)
            let rows = try await pool.read(KnownSession.query(token: token), deadline: deadline)
            let session = try rows.first.caller()
            return .with {
                $0.person = .init(session)
                $0.session = .init(session, current: session.id)
                $0.token = Data(token)
            }
        }
    }

    func getSession(
        request: ServerRequest<Teller_Identity_V1_GetSessionRequest>, context: ServerContext
    ) async throws -> ServerResponse<Teller_Identity_V1_SessionReply> {
        try await answer(request, context) { message, deadline in
            let session = try await use(message.caller, deadline: deadline)
            return .with {
                $0.person = .init(session)
                $0.session = .init(session, current: session.id)
            }
        }
    }

    func listSessions(
        request: ServerRequest<Teller_Identity_V1_ListSessionsRequest>, context: ServerContext
    ) async throws -> ServerResponse<Teller_Identity_V1_SessionsReply> {
        try await answer(request, context) { message, deadline in
            let session = try await use(message.caller, deadline: deadline)
            let rows = try await pool.read(KnownSession.live(of: session.user), deadline: deadline)
            let live = try rows.map { try KnownSession($0) }.sorted { $0.openedAt > $1.openedAt }
            return .with { $0.sessions = live.map { .init($0, current: session.id) } }
        }
    }

    func endSessions(
        request: ServerRequest<Teller_Identity_V1_EndSessionsRequest>, context: ServerContext
    ) async throws -> ServerResponse<Teller_Identity_V1_EndedReply> {
        try await answer(request, context) { message, deadline in
            let origin = Origin(message.caller)
            let caller = try await use(message.caller, deadline: deadline)
            let wanted: Identifier? =
                switch message.which {
                case .id(let bytes): try readID(bytes, "the session")
                case .current: caller.id
                case .all, nil: nil
                }
            return try await transaction(
                [KnownSession.live(of: caller.user)], deadline: deadline
            ) { rows in
                let live = try rows[0].map { try KnownSession($0).id }
                let ids = live.filter { wanted == nil || $0 == wanted }
                guard !ids.isEmpty else {
                    return Decision(
                        result: .failure(
                            Refused(.sessionUnknown, "You have no such session, or it has ended.")))
                }
                return Decision(
                    writes: [KnownSession.ending(ids)],
                    events: [
                        SecurityEvent(kind: .sessionsEnded, user: caller.user, origin: origin)
                    ],
                    endsSessions: true,
                    result: .success(.with { $0.ended = UInt32(ids.count) }))
            }
        }
    }

    /// The session of whoever asks, which is used by that.
    ///
    /// - Throws: ``Refused``.
    func use(
        _ caller: Teller_Identity_V1_Caller, deadline: Deadline
    ) async throws -> KnownSession {
        try await transaction([KnownSession.query(token: caller.token)], deadline: deadline) {
            var session = try $0[0].first.caller()
            let write = KnownSession.use(session.id)
            session.lastUsedAt = session.now
            return Decision(writes: [write], result: .success(session))
        }
    }
}

extension PostgresRow? {
    /// - Returns: The session that the row is, which goes on.
    /// - Throws: ``Refused`` that says how to mend it.
    fileprivate func caller() throws -> KnownSession {
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

extension Identifier {
    fileprivate static func random() -> Identifier {
        var generator = SystemRandomNumberGenerator()
        return .version7(
            milliseconds: UInt64(clamping: WallClock.microseconds / 1000), using: &generator)
    }
}

extension Teller_Identity_V1_Person {
    init(_ session: KnownSession) {
        self.init()
        user = session.user
        rights = session.rights
    }
}

extension Teller_Identity_V1_Session {
    /// - Parameter current: The session of whoever asks.
    init(_ session: KnownSession, current: Identifier) {
        self.init()
        id = Data(session.id.bytes)
        client = session.client ?? ""
        source = session.source ?? ""
        openedAtMicroseconds = session.openedAt.microseconds
        lastUsedAtMicroseconds = session.lastUsedAt.microseconds
        idleAtMicroseconds = min(session.idleAt, session.expiresAt).microseconds
        expiresAtMicroseconds = session.expiresAt.microseconds
        isCurrent = session.id == current
    }
}
