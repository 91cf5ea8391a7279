import BalanceAPI
import Foundation
import GRPCCore
import Ledger
import SwiftProtobuf
import TestSupport

@testable import BalanceService

extension RPCRules {
    private typealias Method = Teller_Identity_V1_Identity.Method

    static let identity: [MethodDescriptor: [Rule]] = [
        // Anybody may try; that it is wrong is not for want of a session.
        Method.OpenSession.descriptor: [
            Rule(.anybody) { asker, subject in
                let reply = try await asker.identity.openSession(
                    .with {
                        $0.caller = asker.caller
                        $0.user = subject.user
                        $0.password = "wrong horse"
                    })
                return .init(reply.refusal.detail.contains("password is wrong") ? "" : "done")
            }
        ],
        Method.GetSession.descriptor: [
            Rule(.anySession) { asker, _ in
                .init(try await asker.identity.getSession(.with { $0.caller = asker.caller }))
            }
        ],
        Method.ListSessions.descriptor: [
            Rule(.anySession) { asker, _ in
                .init(try await asker.identity.listSessions(.with { $0.caller = asker.caller }))
            },
            Rule(.owner, otherwise: "session_unknown", isTry: false) { asker, subject in
                let reply = try await asker.identity.listSessions(
                    .with { $0.caller = asker.caller })
                if reply.hasRefusal { return .init(reply) }
                let isThere = reply.sessions.contains { $0.id == Data(subject.sessions[1].bytes) }
                return .init(isThere ? "" : "session_unknown")
            },
        ],
        Method.EndSessions.descriptor: [
            end(.owner, otherwise: "session_unknown") { .id(Data($0.sessions[0].bytes)) },
            end(.anySession) { _ in .current(true) },
            end(.anySession) { _ in .all(true) },
        ],
        // The old password is asked for as well: who gets that far has a session that counts.
        Method.ChangePassword.descriptor: [
            Rule(.anySession) { asker, _ in
                let reply = try await asker.identity.changePassword(
                    .with {
                        $0.caller = asker.caller
                        $0.oldPassword = "wrong horse"
                        $0.newPassword = "another horse"
                    })
                return reply.refusal.code == "password_refused" ? .done : .init(reply)
            }
        ],
        Method.AddPerson.descriptor: [
            Rule(.operator) { asker, _ in
                .init(
                    try await asker.identity.addPerson(
                        .with {
                            $0.caller = asker.caller
                            $0.person.user = "mallory"
                            $0.person.rights = "operator"
                        }))
            }
        ],
        Method.DisablePerson.descriptor: [
            Rule(.operator) { asker, subject in
                .init(try await asker.identity.disablePerson(asker.person(subject.user)))
            }
        ],
        Method.ResetPerson.descriptor: [
            Rule(.operator) { asker, subject in
                .init(try await asker.identity.resetPerson(asker.person(subject.user)))
            }
        ],
        Method.ListEvents.descriptor: [
            Rule(.operator) { asker, _ in
                .init(try await asker.identity.listEvents(.with { $0.caller = asker.caller }))
            }
        ],
    ]

    private static func end(
        _ who: Rule.Who, otherwise: String? = nil,
        _ which:
            @escaping @Sendable (RightsSubject) ->
            Teller_Identity_V1_EndSessionsRequest.OneOf_Which
    ) -> Rule {
        Rule(who, otherwise: otherwise) { asker, subject in
            .init(
                try await asker.identity.endSessions(
                    .with {
                        $0.caller = asker.caller
                        $0.which = which(subject)
                    }))
        }
    }
}

extension RPCAsker {
    fileprivate func person(_ user: String) -> Teller_Identity_V1_PersonRequest {
        .with {
            $0.caller = caller
            $0.user = user
        }
    }
}
