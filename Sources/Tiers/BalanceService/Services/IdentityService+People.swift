import BalanceAPI
import Chain
import GRPCCore
import GRPCProtobuf
import Ledger
import Postgres
import SwiftProtobuf

extension IdentityService {
    func changePassword(
        request: ServerRequest<Teller_Identity_V1_ChangePasswordRequest>, context: ServerContext
    ) async throws -> ServerResponse<Teller_Identity_V1_EndedReply> {
        try await answer(request, context) { message, deadline in
            let origin = Origin(message.caller)
            let caller = try await use(message.caller, deadline: deadline)
            try takeTry(caller.user, from: origin)
            let rows = try await pool.read(Person.reading(caller.user), deadline: deadline)
            let old = try rows.first.map { try Person($0).password }
            guard try await isRight(message.oldPassword, old, of: caller.user, from: origin)
            else {
                let event = SecurityEvent(
                    kind: .passwordChangeRefused, user: caller.user, origin: origin)
                return try await transaction([], deadline: deadline) { _ in
                    let refused = Refused(.passwordRefused, "The old password is wrong.")
                    return Decision(events: [event], result: .failure(refused))
                }
            }
            noteSuccess(caller.user, from: origin)
            let new = Secret(message.newPassword)
            guard message.newPassword != message.oldPassword else {
                throw Refused(.passwordRefused, "The new password is the old one.")
            }
            try PasswordRules.check(new, user: caller.user, bank: bank)
            let hash = try await hasher.hash(new)
            return try await transaction(
                [Person.query(caller.user), KnownSession.live(of: caller.user)], deadline: deadline
            ) { rows in
                let person = try rows[0].first.map { try Person($0) }
                let live = try rows[1].map { try KnownSession($0).id }
                guard let person, person.password == old, live.contains(caller.id) else {
                    throw Refused(
                        .unauthenticated, "The password or the session changed: sign in again.")
                }
                let others = live.filter { $0 != caller.id }
                return Decision(
                    writes: [
                        Person.change(person.id, password: hash), KnownSession.ending(others),
                    ],
                    events: [
                        SecurityEvent(kind: .passwordChanged, user: person.user, origin: origin)
                    ],
                    endsSessions: true,
                    result: .success(.with { $0.ended = UInt32(others.count) }))
            }
        }
    }

    func addPerson(
        request: ServerRequest<Teller_Identity_V1_AddPersonRequest>, context: ServerContext
    ) async throws -> ServerResponse<Teller_Identity_V1_PasswordReply> {
        try await answer(request, context) { message, deadline in
            let caller = try await useOfOperator(message.caller, deadline: deadline)
            let user = message.person.user
            guard UserName(user) != nil, let rights = Person.Rights(rawValue: message.person.rights)
            else {
                throw Refused(
                    .userInvalid,
                    "A user's name has 2 to 32 lower-case letters, digits, dots, hyphens and "
                        + "underscores, a letter first.")
            }
            let password = PasswordRules.random()
            let hash = try await hasher.hash(password)
            let event = SecurityEvent(
                kind: .userAdded, user: user, by: caller.user, origin: Origin(message.caller))
            let taken = Refused(.userExists, "There is a user \(user) already.")
            do {
                return try await transaction([Person.query(user)], deadline: deadline) { rows in
                    guard rows[0].isEmpty else { throw taken }
                    return Decision(
                        writes: [Person.insertion(user, rights, password: hash)], events: [event],
                        result: .success(
                            .with {
                                $0.person.user = user
                                $0.person.rights = rights.rawValue
                                $0.password = password.text
                            }))
                }
            } catch let error as PostgresError where error.sqlState == "23505" {
                throw taken
            }
        }
    }

    func disablePerson(
        request: ServerRequest<Teller_Identity_V1_PersonRequest>, context: ServerContext
    ) async throws -> ServerResponse<Teller_Identity_V1_EndedReply> {
        try await answer(request, context) { message, deadline in
            let caller = try await useOfOperator(message.caller, deadline: deadline)
            guard message.user != caller.user else {
                throw Refused(.forbidden, "Nobody disables herself: ask another operator.")
            }
            return try await change(
                message, .userDisabled, by: caller, deadline: deadline,
                write: { Person.disabling($0.id) },
                reply: { _, ended in .with { $0.ended = UInt32(ended) } })
        }
    }

    func resetPerson(
        request: ServerRequest<Teller_Identity_V1_PersonRequest>, context: ServerContext
    ) async throws -> ServerResponse<Teller_Identity_V1_PasswordReply> {
        try await answer(request, context) { message, deadline in
            let caller = try await useOfOperator(message.caller, deadline: deadline)
            let password = PasswordRules.random()
            let hash = try await hasher.hash(password)
            return try await change(
                message, .userReset, by: caller, deadline: deadline,
                write: { Person.change($0.id, password: hash) },
                reply: { person, _ in
                    .with {
                        $0.person.user = person.user
                        $0.person.rights = person.rights
                        $0.password = password.text
                    }
                })
        }
    }

    func listEvents(
        request: ServerRequest<Teller_Identity_V1_ListEventsRequest>, context: ServerContext
    ) async throws -> ServerResponse<Teller_Identity_V1_EventsReply> {
        try await answer(request, context) { message, deadline in
            let size = try readPageSize(message.pageSize, of: "events")
            let token = message.pageToken
            let last = token.isEmpty ? Int64.max : TokenText.values(in: token, "e", count: 1)?.first
            guard let last else {
                throw BalanceErrorReason.pageTokenInvalid.status(
                    "this page token was not made by this service")
            }
            _ = try await useOfOperator(message.caller, for: .readTrail, deadline: deadline)
            // One more than the page holds tells whether there is a next one.
            let rows = try await pool.read(
                SecurityEvent.page(before: last, count: size + 1), deadline: deadline)
            let events = try rows.prefix(size).map { try Teller_Identity_V1_Event($0) }
            return .with {
                $0.events = events
                if rows.count > size, let last = events.last {
                    $0.nextPageToken = TokenText.text("e", [last.number])
                }
            }
        }
    }

    /// Changes a person and ends all her sessions.
    private func change<Reply: IdentityReply>(
        _ message: Teller_Identity_V1_PersonRequest, _ kind: SecurityEvent.Kind,
        by caller: KnownSession, deadline: Deadline,
        write: @escaping @Sendable (Person) -> PostgresQuery,
        reply: @escaping @Sendable (Person, _ ended: Int) -> Reply
    ) async throws -> Reply {
        let origin = Origin(message.caller)
        let user = UserName(message.user)?.description ?? ""
        return try await transaction(
            [Person.query(user), KnownSession.live(of: user)], deadline: deadline
        ) { rows in
            guard let person = try rows[0].first.map({ try Person($0) }) else {
                throw Refused(.userUnknown, "There is no such user.")
            }
            let live = try rows[1].map { try KnownSession($0).id }
            return Decision(
                writes: [write(person), KnownSession.ending(live)],
                events: [
                    SecurityEvent(kind: kind, user: person.user, by: caller.user, origin: origin)
                ],
                endsSessions: true,
                result: .success(reply(person, live.count)))
        }
    }

    /// The session of whoever asks for an operator's act.
    ///
    /// - Throws: ``Refused``, which is recorded when it is somebody else's.
    private func useOfOperator(
        _ caller: Teller_Identity_V1_Caller, for act: Act = .managePeople, deadline: Deadline
    ) async throws -> KnownSession {
        let session = try await use(caller, deadline: deadline)
        guard session.asker?.may(act) != true else { return session }
        let event = SecurityEvent(
            kind: .actRefused, user: session.user, origin: Origin(caller))
        return try await transaction([], deadline: deadline) { _ in
            Decision(
                events: [event],
                result: .failure(Refused(.forbidden, "That is for the bank's operators.")))
        }
    }
}
