import BalanceAPI
import Chain
import Foundation
import Postgres
import SwiftProtobuf
import TestSupport
import Testing

@testable import BalanceService

extension ServiceTests {
    /// What ends sessions, beside logins and others that do: one after the other, by the person's row.
    @Suite(.timeLimit(.minutes(3)))
    struct SerialActTests {
        enum Ending: CaseIterable {
            case disabled, reset, passwordChanged, allEnded

            /// - Parameters:
            ///   - alice: A token of hers; the operator's acts are about her.
            func run(_ bank: Asked, alice: Data, olga: Data) async throws {
                let refused =
                    switch self {
                    case .disabled:
                        try await bank.identity.disablePerson(bank.person(olga, "alice")).hasRefusal
                    case .reset:
                        try await bank.identity.resetPerson(bank.person(olga, "alice")).hasRefusal
                    case .passwordChanged:
                        try await bank.change(alice, Asked.alice, "new password, mine").hasRefusal
                    case .allEnded: try await bank.end(alice, .all(true)).hasRefusal
                    }
                #expect(!refused)
            }
        }

        /// Lets two go on, one after the other, once both wait for a person's row.
        private func inOrder<First: Sendable, Second: Sendable>(
            _ bank: Asked, _ first: @escaping @Sendable () async throws -> First,
            then second: @escaping @Sendable () async throws -> Second
        ) async throws -> (First, Second) {
            try await withConnection(bank.url) { lock in
                _ = try await lock.query("BEGIN")
                _ = try await lock.query(
                    "SELECT FROM identity.people WHERE name = 'alice' FOR UPDATE")
                async let first = first()
                try await waitForBlocked(1..., in: bank.url)
                async let second = second()
                try await waitForBlocked(2..., in: bank.url)
                _ = try await lock.query("COMMIT")
                return try await (first, second)
            }
        }

        private func live(_ bank: Asked) async throws -> String {
            try await bank.psql(
                """
                SELECT count(*) FROM identity.sessions JOIN identity.people ON people.id = person
                WHERE name = 'alice' AND ended_at IS NULL
                """)
        }

        @Test(arguments: Ending.allCases)
        func aLoginBeforeItIsEnded(by ending: Ending) async throws {
            try await Asked.with { bank in
                let olga = try await bank.logIn("olga", Asked.olga).token
                let alice = try await bank.logIn("alice", Asked.alice).token
                _ = try await inOrder(bank) {
                    // Its answer may come when the session has ended already.
                    try await bank.logIn("alice", Asked.alice)
                } then: {
                    try await ending.run(bank, alice: alice, olga: olga)
                }
                #expect(
                    try await bank.psql(
                        """
                        SELECT count(*) FROM identity.events
                        WHERE event = 'login' AND name = 'alice'
                        """) == "2")
                // Her own goes on when she changes the password.
                #expect(try await live(bank) == (ending == .passwordChanged ? "1" : "0"))
            }
        }

        @Test(arguments: [Ending.disabled, .reset, .passwordChanged])
        func aLoginBehindItIsRefused(by ending: Ending) async throws {
            try await Asked.with { bank in
                let olga = try await bank.logIn("olga", Asked.olga).token
                let alice = try await bank.logIn("alice", Asked.alice).token
                let (_, login) = try await inOrder(bank) {
                    try await ending.run(bank, alice: alice, olga: olga)
                } then: {
                    try await bank.logIn("alice", Asked.alice)
                }
                #expect(login.refusal.code == "unauthenticated")
                #expect(try await live(bank) == (ending == .passwordChanged ? "1" : "0"))
            }
        }

        /// The session counts in the transaction that does it, and not a moment before.
        @Test func anActOfASessionThatEndsMeanwhileIsNotDone() async throws {
            try await Asked.with { bank in
                let olga = try await bank.logIn("olga", Asked.olga).token
                let before = try await bank.psql("SELECT password FROM identity.people ORDER BY id")
                let reset = try await withConnection(bank.url) { lock in
                    _ = try await lock.query("BEGIN")
                    _ = try await lock.query(
                        "SELECT FROM identity.people WHERE name = 'alice' FOR UPDATE")
                    async let reset = bank.identity.resetPerson(bank.person(olga, "alice"))
                    try await waitForBlocked(1..., in: bank.url)
                    _ = try await lock.query(
                        "UPDATE identity.sessions SET ended_at = clock_timestamp()")
                    _ = try await lock.query("COMMIT")
                    return try await reset
                }
                #expect(reset.refusal.code == "unauthenticated")
                #expect(reset.password.isEmpty)
                let after = try await bank.psql("SELECT password FROM identity.people ORDER BY id")
                #expect(after == before)
                #expect(
                    try await bank.psql(
                        "SELECT count(*) FROM identity.events WHERE event = 'user_reset'") == "0")
            }
        }

        /// One of them is first, and the other one has no session any more.
        @Test func twoOperatorsWhoDisableEachOtherTakeTurns() async throws {
            try await Asked.with { bank in
                _ = try await bank.psql("UPDATE identity.people SET rights = 'operator'")
                let olga = try await bank.logIn("olga", Asked.olga).token
                let alice = try await bank.logIn("alice", Asked.alice).token
                let (first, second) = try await inOrder(bank) {
                    try await bank.identity.disablePerson(bank.person(olga, "alice"))
                } then: {
                    try await bank.identity.disablePerson(bank.person(alice, "olga"))
                }
                #expect(first.ended == 1)
                #expect(second.refusal.code == "unauthenticated")
                #expect(
                    try await bank.psql(
                        "SELECT name FROM identity.people WHERE disabled_at IS NOT NULL") == "alice"
                )
            }
        }
    }
}
