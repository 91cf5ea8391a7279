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
        @Test func aPersonSignsInAndOut() async throws {
            try await ChainHarness.with { chain async throws in
                let passwords = try await chain.makePeople()
                #expect(
                    passwords.keys.sorted()
                        == ["alice", "bruno", "chiara", "daniel", "emi", "operator"])
                #expect(Set(passwords.values).count == 6)
                // Those who are there stay as they are.
                #expect(try await chain.user("demo").output == "")

                let password = try #require(passwords["alice"])
                let opened = try await chain.logIn("alice", password)
                let token = opened.token
                #expect(opened.me.rights == .customer)
                #expect(opened.me.session.source == "127.0.0.1")
                let me: Me = try await chain.ask("GET", BankRoute.me, token: token)
                #expect(me.session.id == opened.me.session.id)
                let refused: Problem = try await chain.ask(
                    "GET", BankRoute.securityLog, token: token)
                #expect(refused.code == .forbidden)
                let change = ChangePassword(
                    oldPassword: Secret(password), newPassword: Secret("a horse of my own"))
                let changed: EndedSessions = try await chain.ask(
                    "PUT", BankRoute.password, change, token: token)
                #expect(changed.ended == 0)
                let ended: EndedSessions = try await chain.ask(
                    "DELETE", BankRoute.currentSession, token: token)
                #expect(ended.ended == 1)
                let over: Problem = try await chain.ask("GET", BankRoute.me, token: token)
                #expect(over.code == .unauthenticated)
                #expect(over.detail.contains("sign in again"))

                let operatorToken = try await chain.logIn(
                    "operator", try #require(passwords["operator"])
                ).token
                let log: SecurityLogPage = try await chain.ask(
                    "GET", BankRoute.securityLog, token: operatorToken)
                // What was refused is written behind the answers.
                #expect(
                    log.events.filter { $0.event != "session_refused" }.prefix(5).map {
                        "\($0.event) \($0.user ?? "")"
                    } == [
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
                let added = try await chain.user("add", "olga", "--operator")
                let words = added.output.split(whereSeparator: \.isWhitespace).map(String.init)
                #expect(added.status == 0)
                #expect(words.first == "olga")
                let session = try await chain.logIn("olga", words.last ?? "")
                #expect(session.me.rights == .operator)
                let again = try await chain.user("add", "olga")
                #expect(again.status == 65)
                #expect(again.output.contains("there is a user olga already"))
                #expect(try await chain.user("add", "Olga").status == 65)
                let weak = try await chain.user(
                    "demo", "--reset", environment: ["DEMO_PASSWORD": "baseball"])
                #expect(weak.status == 65)
                #expect(!weak.output.contains("baseball"))
                // Whoever gave it knows it: no log has to.
                let given = try await chain.user(
                    "demo", "--reset", environment: ["DEMO_PASSWORD": "one horse for all"])
                #expect(given.output.hasPrefix("alice as given\nbruno as given\n"))
                #expect(!given.output.contains("horse"))
                #expect(try await chain.logIn("emi", "one horse for all").me.user == "emi")

                let zoe: NewPassword = try await chain.ask(
                    "POST", BankRoute.users, AddUser(user: "zoe", rights: .customer),
                    token: session.token)
                let hers = try await chain.logIn("zoe", zoe.password.text).token
                let disabled: EndedSessions = try await chain.ask(
                    "POST", BankRoute.disable("zoe"), UserAct(), token: session.token)
                #expect(disabled.ended == 1)
                let over: Problem = try await chain.ask("GET", BankRoute.me, token: hers)
                #expect(over.code == .unauthenticated)
            }
        }
    }
}
