import BalanceAPI
import Chain
import GRPCCore
import SwiftProtobuf
import TestSupport
import Testing

@testable import BalanceService

extension ServiceTests {
    /// Who may sign in, and how often it may be tried.
    @Suite(.timeLimit(.minutes(5)))
    struct LoginTests {
        /// They differ by nothing: not by words, nor by what is worked out for them, and so not by time.
        @Test func whoCannotSignInGetsOneAnswer() async throws {
            try await Asked.with { bank in
                let operatorToken = try await bank.logIn("olga", Asked.olga).token
                _ = try await bank.logIn("alice", Asked.alice)
                let wrong = try await bank.logIn("alice", "wrong horse").refusal
                let unknown = try await bank.logIn("nobody", Asked.alice).refusal
                let odd = try await bank.logIn("No such\u{0}name", Asked.alice).refusal
                let disabled = try await bank.identity.disablePerson(
                    bank.person(operatorToken, "alice"))
                #expect(disabled.ended == 1)
                let right = try await bank.logIn("alice", Asked.alice).refusal
                #expect(wrong.code == "unauthenticated")
                #expect([unknown, odd, right] == [wrong, wrong, wrong])
                // What was typed in the place of a name is not kept.
                #expect(
                    try await bank.psql(
                        """
                        SELECT string_agg(coalesce(name, '-'), ' ' ORDER BY number)
                        FROM identity.events WHERE event = 'login_refused'
                        """) == "alice - - alice")
            }
        }

        /// Whoever it is: else the time would tell.
        @Test func eachTryTakesOneCheck() async throws {
            let hasher = PasswordHasher()
            try await Asked.with(hasher) { bank in
                let olga = try await bank.logIn("olga", Asked.olga).token
                _ = try await bank.identity.addPerson(
                    .with {
                        $0.caller = bank.caller(olga)
                        $0.person.user = "zoe"
                        $0.person.rights = "customer"
                    })
                _ = try await bank.identity.disablePerson(bank.person(olga, "zoe"))
                var checks = hasher.checks
                for (user, password, isRight) in [
                    ("alice", Asked.alice, true), ("alice", "wrong horse", false),
                    ("nobody", Asked.alice, false), ("No such\u{0}name", Asked.alice, false),
                    ("zoe", Asked.alice, false),
                ] {
                    let reply = try await bank.logIn(user, password)
                    #expect(reply.hasRefusal != isRight, "\(user)")
                    #expect(hasher.checks == checks + 1, "\(user)")
                    checks = hasher.checks
                }
            }
        }

        /// What could not be checked is no try.
        @Test func whoIsNotHeardHasNotTried() async throws {
            try await Asked.with(PasswordHasher(limit: 0)) { bank in
                for _ in 1...20 {
                    await expectFailure(.resourceExhausted) {
                        try await bank.logIn("alice", Asked.alice)
                    }
                }
            }
        }

        @Test func tooManyTriesWait() async throws {
            try await Asked.with { bank in
                // However long a check takes here, the delay grows past it.
                var refusal = Teller_Identity_V1_Refusal()
                for _ in 1...9 where refusal.code != "too_many_tries" {
                    refusal = try await bank.logIn("alice", "wrong horse").refusal
                }
                #expect(refusal.code == "too_many_tries")
                #expect((1...61).contains(refusal.retryAfterSeconds))
                // Of a stranger; from elsewhere she gets in.
                let here = try await bank.logIn("alice", Asked.alice, source: "192.0.2.2")
                #expect(!here.hasRefusal)
            }
        }
    }
}
