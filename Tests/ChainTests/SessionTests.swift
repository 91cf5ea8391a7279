import BankAPI
import Chain
import Foundation
import Ledger
import TestSupport
import Testing

extension ChainTests {
    /// People and their sessions, through the servers and with whoever runs them.
    @Suite(.timeLimit(.minutes(3)))
    struct SessionTests {
        /// Makes people by the command, and returns what it says.
        private func user(
            _ words: String..., at chain: ChainHarness, environment: [String: String] = [:]
        ) async throws -> (status: Int32?, output: String) {
            try await Executables.run(
                [Executables.balanceService, "user"] + words,
                environment: environment.merging(["DATABASE_URL": chain.database]) { $1 })
        }

        private func ask<Value: Decodable>(
            _ chain: ChainHarness, _ method: String, _ path: String,
            _ body: (any Encodable)? = nil, token: SessionToken? = nil,
            for type: Value.Type = Value.self
        ) async throws -> Value {
            var connection = BankConnection(chain.bank.address)
            defer { connection.close() }
            let reply = await connection.send(
                method, path, body: try body.map { try BankJSON.encode($0) } ?? [],
                headers: token.map { ["Authorization": $0.authorization] } ?? [:],
                timeout: .seconds(30))
            guard case .answered(let answer) = reply else {
                throw TestFailure("\(path): \(reply)")
            }
            return try BankJSON.decoder().decode(Value.self, from: Data(answer.body.utf8))
        }

        private func logIn(
            _ chain: ChainHarness, _ user: String, _ password: String
        ) async throws -> OpenedSession {
            let body = LogIn(
                user: user, password: Secret(password), client: try ShortText("tests 1"))
            return try await ask(chain, "POST", BankRoute.sessions, body)
        }

        @Test func aPersonSignsInAndOut() async throws {
            try await ChainHarness.with { chain async throws in
                let made = try await user("demo", at: chain)
                let passwords = Dictionary(
                    uniqueKeysWithValues: made.output.split(separator: "\n").map { line in
                        let words = line.split(separator: " ").map(String.init)
                        return (words[0], words[1])
                    })
                #expect(made.status == 0)
                #expect(
                    passwords.keys.sorted()
                        == ["alice", "bruno", "chiara", "daniel", "emi", "operator"])
                #expect(Set(passwords.values).count == 6)
                // Those who are there stay as they are.
                #expect(try await user("demo", at: chain).output == "")

                let password = try #require(passwords["alice"])
                let opened = try await logIn(chain, "alice", password)
                let token = opened.token
                #expect(opened.me.rights == .customer)
                #expect(opened.me.session.source == "127.0.0.1")
                let me: Me = try await ask(chain, "GET", BankRoute.me, token: token)
                #expect(me.session.id == opened.me.session.id)
                let refused: Problem = try await ask(
                    chain, "GET", BankRoute.securityLog, token: token)
                #expect(refused.code == .forbidden)
                let change = ChangePassword(
                    oldPassword: Secret(password), newPassword: Secret("a horse of my own"))
                let changed: EndedSessions = try await ask(
                    chain, "PUT", BankRoute.password, change, token: token)
                #expect(changed.ended == 0)
                let ended: EndedSessions = try await ask(
                    chain, "DELETE", BankRoute.currentSession, token: token)
                #expect(ended.ended == 1)
                let over: Problem = try await ask(chain, "GET", BankRoute.me, token: token)
                #expect(over.code == .unauthenticated)
                #expect(over.detail.contains("sign in again"))

                let operatorToken = try await logIn(
                    chain, "operator", try #require(passwords["operator"])
                ).token
                let log: SecurityLogPage = try await ask(
                    chain, "GET", BankRoute.securityLog, token: operatorToken)
                #expect(
                    log.events.prefix(5).map { "\($0.event) \($0.user ?? "")" } == [
                        "login operator", "sessions_ended alice", "password_changed alice",
                        "act_refused alice", "login alice",
                    ])
                for text in [
                    password, "a horse of my own", token.secret.text, operatorToken.secret.text,
                ] {
                    #expect(!chain.bank.process.output.contains(text))
                    #expect(!chain.services[0].process.output.contains(text))
                }
            }
        }

        @Test func theFirstOperatorIsMadeByHand() async throws {
            try await ChainHarness.with { chain async throws in
                let added = try await user("add", "olga", "--operator", at: chain)
                let words = added.output.split(whereSeparator: \.isWhitespace).map(String.init)
                #expect(added.status == 0)
                #expect(words.first == "olga")
                let session = try await logIn(chain, "olga", words.last ?? "")
                #expect(session.me.rights == .operator)
                let again = try await user("add", "olga", at: chain)
                #expect(again.status == 65)
                #expect(again.output.contains("there is a user olga already"))
                #expect(try await user("add", "Olga", at: chain).status == 65)
                let weak = try await user(
                    "demo", "--reset", at: chain, environment: ["DEMO_PASSWORD": "baseball"])
                #expect(weak.status == 65)
                #expect(!weak.output.contains("baseball"))

                let zoe: NewPassword = try await ask(
                    chain, "POST", BankRoute.users, AddUser(user: "zoe", rights: .customer),
                    token: session.token)
                let hers = try await logIn(chain, "zoe", zoe.password.text).token
                let disabled: EndedSessions = try await ask(
                    chain, "POST", BankRoute.disable("zoe"), UserAct(), token: session.token)
                #expect(disabled.ended == 1)
                let over: Problem = try await ask(chain, "GET", BankRoute.me, token: hers)
                #expect(over.code == .unauthenticated)
            }
        }
    }
}
