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
            let rows = try await pool.read(KnownSession.reading(token: token), deadline: deadline)
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
            let rows = try await pool.read(
                KnownSession.live(of: session.user), deadline: deadline)
            let live = try rows.map { try KnownSession($0) }.sorted { $0.openedAt > $1.openedAt }
            return .with { $0.sessions = live.map { .init($0, current: session.id) } }
        }
    }

    func endSessions(
        request: ServerRequest<Teller_Identity_V1_EndSessionsRequest>, context: ServerContext
    ) async throws -> ServerResponse<Teller_Identity_V1_EndedReply> {
        try await answer(request, context) { message, deadline in
            var id: Identifier?
            if case .id(let bytes) = message.which { id = try readID(bytes, "the session") }
            let isAll =
                switch message.which {
                case .all, nil: true
                case .id, .current: false
                }
            return try await transaction(
                by: message.caller, reading: [KnownSession.live(token: message.caller.token)],
                deadline: deadline
            ) { [id, tries] caller, rows in
                let live = try rows[0].map { try KnownSession($0).id }
                let ended = isAll ? live : live.filter { $0 == id ?? caller.id }
                guard let one = ended.first else {
                    let event = tries.event(by: caller.asker, Origin(message.caller))
                    let refused = Refused(
                        .sessionUnknown, "You have no such session, or it has ended.")
                    return Decision(
                        events: [event].compactMap(\.self), result: .failure(refused))
                }
                return Decision(
                    writes: isAll
                        ? KnownSession.ending(of: caller.person) : KnownSession.ending(one),
                    events: [
                        SecurityEvent(
                            kind: .sessionsEnded, user: caller.user, origin: Origin(message.caller))
                    ],
                    endsSessionsOf: caller.person,
                    result: .success(.with { $0.ended = UInt32(ended.count) }))
            }
        }
    }

}

extension Identifier {
    fileprivate static func random() -> Identifier {
        var generator = SystemRandomNumberGenerator()
        return .version7(
            milliseconds: UInt64(clamping: WallClock.microseconds / 1000), using: &generator)
    }
}
