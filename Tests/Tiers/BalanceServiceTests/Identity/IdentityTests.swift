import BalanceAPI
import Foundation
import SwiftProtobuf
import TestSupport
import Testing

@testable import BalanceService

extension ServiceTests {
    /// Sessions, and what is kept of them.
    @Suite(.timeLimit(.minutes(5)))
    struct IdentityTests {
        @Test func aSessionIsOpenedUsedAndEnded() async throws {
            try await Asked.with { bank in
                let opened = try await bank.logIn("alice", Asked.alice)
                #expect(opened.token.count == 32)
                #expect(opened.person.rights == "customer")
                #expect(opened.session.isCurrent)
                #expect(opened.session.client == "teller 0.1.0")
                #expect(opened.session.source == "192.0.2.1")
                let life =
                    opened.session.expiresAtMicroseconds - opened.session.openedAtMicroseconds
                #expect(abs(life - 12 * 3_600_000_000) < 1_000_000)
                let me = try await bank.me(opened.token)
                #expect(me.person.user == "alice")
                #expect(me.session.id == opened.session.id)
                #expect(me.token.isEmpty)

                let second = try await bank.logIn("alice", Asked.alice)
                #expect(second.token != opened.token)
                let list = try await bank.identity.listSessions(
                    .with { $0.caller = bank.caller(second.token) })
                #expect(list.sessions.map(\.id) == [second.session.id, opened.session.id])
                #expect(list.sessions.map(\.isCurrent) == [true, false])

                #expect(try await bank.end(second.token, .id(opened.session.id)).ended == 1)
                let again = try await bank.end(second.token, .id(opened.session.id))
                #expect(again.refusal.code == "session_unknown")
                let over = try await bank.me(opened.token).refusal
                #expect(over.code == "unauthenticated")
                #expect(over.detail.contains("was ended: sign in again"))
                _ = try await bank.logIn("alice", Asked.alice)
                #expect(try await bank.end(second.token, .all(true)).ended == 2)
                #expect(try await bank.me(second.token).refusal.code == "unauthenticated")
            }
        }

        @Test func sessionsEndByTheClock() async throws {
            try await Asked.with { bank in
                let token = try await bank.logIn("alice", Asked.alice).token
                func after(_ column: String, _ change: String) async throws -> String {
                    _ = try await bank.psql(
                        "UPDATE identity.sessions SET \(column) = clock_timestamp() \(change)")
                    return try await bank.me(token).refusal.detail
                }
                #expect(try await after("last_used_at", "- interval '14 minutes'") == "")
                #expect(
                    try await after("last_used_at", "- interval '15 minutes'")
                        .contains("not used for 15 minutes"))
                #expect(try await after("last_used_at", "") == "")
                #expect(try await after("expires_at", "").contains("after 12 hours"))
            }
        }

        @Test func aNewPasswordEndsTheOtherSessions() async throws {
            try await Asked.with { bank in
                let other = try await bank.logIn("alice", Asked.alice).token
                let token = try await bank.logIn("alice", Asked.alice).token
                let wrong = try await bank.change(token, "wrong horse", "new password, mine")
                #expect(wrong.refusal.code == "password_refused")
                for bad in ["1234567", "baseball", Asked.alice, "alice-bank-1"] {
                    let refusal = try await bank.change(token, Asked.alice, bad).refusal
                    #expect(refusal.code == "password_refused", "\(bad)")
                    #expect(!refusal.detail.contains(bad))
                }
                let changed = try await bank.change(token, Asked.alice, "new password, mine")
                #expect(changed.ended == 1)
                #expect(try await bank.me(token).person.user == "alice")
                #expect(try await bank.me(other).refusal.code == "unauthenticated")
                #expect(try await bank.logIn("alice", Asked.alice).hasRefusal)
                #expect(try await !bank.logIn("alice", "new password, mine").hasRefusal)
            }
        }

        /// Neither a password nor a token is anywhere in the database.
        @Test func onlyHashesAreKept() async throws {
            try await Asked.with { bank in
                let token = try await bank.logIn("alice", Asked.alice).token
                let dump = try await bank.psql(
                    """
                    SELECT people::text FROM identity.people UNION ALL
                    SELECT sessions::text FROM identity.sessions UNION ALL
                    SELECT events::text FROM identity.events
                    """)
                #expect(dump.contains("$argon2id$v=19$m=47104,t=1,p=1$"))
                #expect(!dump.contains(Asked.alice))
                #expect(!dump.contains(token.map { String(format: "%02x", $0) }.joined()))
                #expect(!dump.contains(token.base64EncodedString()))
            }
        }
    }
}
