import BalanceAPI
import Chain
import GRPCCore
import GRPCProtobuf
import Ledger
import Postgres
import SwiftProtobuf

extension IdentityService {
    func addPerson(
        request: ServerRequest<Teller_Identity_V1_AddPersonRequest>, context: ServerContext
    ) async throws -> ServerResponse<Teller_Identity_V1_PasswordReply> {
        try await answer(request, context) { message, deadline in
            let (password, hash) = try await newPassword(for: message.caller, deadline: deadline)
            let user = message.person.user
            guard UserName(user) != nil, let rights = Person.Rights(rawValue: message.person.rights)
            else {
                throw Refused(
                    .userInvalid,
                    "A user's name has 2 to 32 lower-case letters, digits, dots, hyphens and "
                        + "underscores, a letter first.")
            }
            let taken = Refused(.userExists, "There is a user \(user) already.")
            do {
                return try await act(
                    by: message.caller, reading: [Person.query(user)], deadline: deadline
                ) { caller, rows in
                    guard rows[0].isEmpty else { throw taken }
                    return Decision(
                        writes: [Person.insertion(user, rights, password: hash)],
                        events: [
                            SecurityEvent(
                                kind: .userAdded, user: user, by: caller.user,
                                origin: Origin(message.caller))
                        ],
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
            try await change(message, .userDisabled, deadline: deadline) { caller, person in
                guard person.id != caller.person else {
                    throw Refused(.forbidden, "Nobody disables herself: ask another operator.")
                }
                return Person.disabling(person.id)
            } reply: { _, ended in
                .with { $0.ended = UInt32(ended) }
            }
        }
    }

    func resetPerson(
        request: ServerRequest<Teller_Identity_V1_PersonRequest>, context: ServerContext
    ) async throws -> ServerResponse<Teller_Identity_V1_PasswordReply> {
        try await answer(request, context) { message, deadline in
            let (password, hash) = try await newPassword(for: message.caller, deadline: deadline)
            return try await change(message, .userReset, deadline: deadline) { _, person in
                Person.change(person.id, password: hash)
            } reply: { person, _ in
                .with {
                    $0.person.user = person.user
                    $0.person.rights = person.rights
                    $0.password = password.text
                }
            }
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
            // One more than the page holds tells whether there is a next one.
            return try await act(
                .readTrail, by: message.caller,
                reading: [SecurityEvent.page(before: last, count: size + 1)], deadline: deadline
            ) { _, rows in
                let events = try rows[0].prefix(size).map { try Teller_Identity_V1_Event($0) }
                return Decision(
                    result: .success(
                        .with {
                            $0.events = events
                            if rows[0].count > size, let last = events.last {
                                $0.nextPageToken = TokenText.text("e", [last.number])
                            }
                        }))
            }
        }
    }

    /// Changes a person and ends all her sessions.
    private func change<Reply: IdentityReply>(
        _ message: Teller_Identity_V1_PersonRequest, _ kind: SecurityEvent.Kind,
        deadline: Deadline,
        write: @escaping @Sendable (_ by: KnownSession, Person) throws -> PostgresQuery,
        reply: @escaping @Sendable (Person, _ ended: Int) -> Reply
    ) async throws -> Reply {
        let user = UserName(message.user)?.description ?? ""
        return try await act(
            by: message.caller, about: user,
            reading: [Person.query(user), KnownSession.live(of: user)], deadline: deadline
        ) { caller, rows in
            guard let person = try rows[0].first.map({ try Person($0) }) else {
                throw Refused(.userUnknown, "There is no such user.")
            }
            return Decision(
                writes: [try write(caller, person)] + KnownSession.ending(of: person.id),
                events: [
                    SecurityEvent(
                        kind: kind, user: person.user, by: caller.user,
                        origin: Origin(message.caller))
                ],
                endsSessionsOf: person.id,
                result: .success(reply(person, rows[1].count)))
        }
    }

    /// A random password and its hash. Who may make none is refused before that work.
    private func newPassword(
        for caller: Teller_Balance_V1_Caller, deadline: Deadline
    ) async throws -> (password: Secret, hash: String) {
        try await act(by: caller, deadline: deadline) { _, _ in Decision(result: .success(())) }
        let password = PasswordRules.random()
        return (password, try await hasher.hash(password))
    }
}
