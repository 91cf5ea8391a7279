import BankAPI
import Chain
import Ledger
import TestSupport

extension RouteRules {
    static let identity: [String: [Rule]] = [
        // Anybody may try; that it is wrong is not for want of a session.
        "POST /v1/sessions": [
            Rule(.anybody) { asker, subject in
                let logIn = LogIn(
                    user: subject.user, password: Secret("wrong horse"),
                    client: try ShortText("tests 1"))
                let verdict = try await asker.write("POST", BankRoute.sessions, logIn)
                return verdict.text.contains("password is wrong") ? .done : verdict
            }
        ],
        "GET /v1/sessions": [
            read(.anySession) { _ in BankRoute.sessions },
            Rule(.owner, otherwise: "session_unknown", isTry: false) { asker, subject in
                try await asker.get(BankRoute.sessions) { answer in
                    answer.body.contains("\(subject.sessions[1])") ? "" : "session_unknown"
                }
            },
        ],
        "DELETE /v1/sessions/{session}": [
            write(.owner, otherwise: "session_unknown", "DELETE") {
                BankRoute.session($0.sessions[0])
            },
            write(.anySession, "DELETE") { _ in BankRoute.currentSession },
        ],
        "DELETE /v1/sessions": [write(.anySession, "DELETE") { _ in BankRoute.sessions }],
        "GET /v1/me": [read(.anySession) { _ in BankRoute.me }],
        // The old password is asked for as well: who gets that far has a session that counts.
        "PUT /v1/me/password": [
            Rule(.anySession) { asker, _ in
                let change = ChangePassword(
                    oldPassword: Secret("wrong horse"), newPassword: Secret("another horse"))
                let verdict = try await asker.write("PUT", BankRoute.password, change)
                return verdict.code == "password_refused" ? .done : verdict
            }
        ],
        "POST /v1/users": [
            write(.operator, "POST", AddUser(user: "mallory", rights: .operator)) { _ in
                BankRoute.users
            }
        ],
        "POST /v1/users/{user}/disable": [
            write(.operator, "POST", UserAct()) { BankRoute.disable($0.user) }
        ],
        "POST /v1/users/{user}/reset": [
            write(.operator, "POST", UserAct()) { BankRoute.reset($0.user) }
        ],
        "GET /v1/security-log": [read(.operator) { _ in BankRoute.securityLog }],
    ]

    private static func write(
        _ who: Rule.Who, otherwise: String? = nil, _ method: String,
        _ body: (any Encodable & Sendable)? = nil,
        _ path: @escaping @Sendable (RightsSubject) -> String
    ) -> Rule {
        Rule(who, otherwise: otherwise) { asker, subject in
            try await asker.write(method, path(subject), body)
        }
    }
}
