import BalanceAPI
import Chain
import GRPCCore
import Postgres
import SwiftProtobuf

extension IdentityService {
    func changePassword(
        request: ServerRequest<Teller_Identity_V1_ChangePasswordRequest>, context: ServerContext
    ) async throws -> ServerResponse<Teller_Identity_V1_EndedReply> {
        try await answer(request, context) { message, deadline in
            let origin = Origin(message.caller)
            let caller = try await noting(message.caller) {
                try await pool.read(
                    KnownSession.reading(token: message.caller.token), deadline: deadline
                ).first.caller()
            }
            try takeTry(caller.user, from: origin)
            let rows = try await pool.read(Person.reading(caller.user), deadline: deadline)
            let old = try rows.first.map { try Person($0).password }
            guard try await isRight(message.oldPassword, old, of: caller.user, from: origin)
            else {
                let event = SecurityEvent(
                    kind: .passwordChangeRefused, user: caller.user, origin: origin)
                return try await transaction(by: message.caller, deadline: deadline) { _, _ in
                    let refused = Refused(.passwordRefused, "The old password is wrong.")
                    return Decision(events: [event], result: .failure(refused))
                }
            }
            noteSuccess(caller.user, from: origin)
            guard message.newPassword != message.oldPassword else {
                throw Refused(.passwordRefused, "The new password is the old one.")
            }
            let new = Secret(message.newPassword)
            try PasswordRules.check(new, user: caller.user, bank: bank)
            let hash = try await hasher.hash(new)
            return try await transaction(
                by: message.caller,
                reading: [Person.query(caller.user), KnownSession.live(of: caller.user)],
                deadline: deadline
            ) { caller, rows in
                guard let person = try rows[0].first.map({ try Person($0) }), person.password == old
                else { throw Refused(.unauthenticated, "The password changed: sign in again.") }
                let others = try rows[1].count { try KnownSession($0).id != caller.id }
                return Decision(
                    writes: [Person.change(person.id, password: hash)]
                        + KnownSession.ending(of: person.id, but: caller.id),
                    events: [
                        SecurityEvent(kind: .passwordChanged, user: person.user, origin: origin)
                    ],
                    endsSessionsOf: person.id,
                    result: .success(.with { $0.ended = UInt32(others) }))
            }
        }
    }
}
