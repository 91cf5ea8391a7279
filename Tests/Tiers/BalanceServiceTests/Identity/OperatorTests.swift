import BalanceAPI
import Foundation
import GRPCCore
import SwiftProtobuf
import TestSupport
import Testing

@testable import BalanceService

extension ServiceTests {
    /// Operators' acts on people, and the trail.
    @Suite(.timeLimit(.minutes(5)))
    struct OperatorTests {
        @Test func operatorsAddResetAndDisable() async throws {
            try await Asked.with { bank in
                let token = try await bank.logIn("olga", Asked.olga).token
                func add(_ user: String, _ rights: String) async throws
                    -> Teller_Identity_V1_PasswordReply
                {
                    try await bank.identity.addPerson(
                        .with {
                            $0.caller = bank.caller(token)
                            $0.person.user = user
                            $0.person.rights = rights
                        })
                }
                let added = try await add("zoe", "customer")
                let session = try await bank.logIn("zoe", added.password).token
                #expect(session.count == 32)
                #expect(try await add("zoe", "customer").refusal.code == "user_exists")
                for name in ["Zoe", "z", "z e", "1z", String(repeating: "z", count: 33), "zoë"] {
                    #expect(try await add(name, "customer").refusal.code == "user_invalid")
                }
                #expect(try await add("zack", "king").refusal.code == "user_invalid")
                let reset = try await bank.identity.resetPerson(
                    bank.person(token, "zoe"))
                #expect(reset.password != added.password)
                #expect(try await bank.me(session).refusal.code == "unauthenticated")
                #expect(try await bank.logIn("zoe", added.password).hasRefusal)
                let disabled = try await bank.identity.disablePerson(
                    bank.person(token, "zoe"))
                #expect(!disabled.hasRefusal)
                #expect(try await bank.logIn("zoe", reset.password).hasRefusal)
                // A reset lets her in again.
                let last = try await bank.identity.resetPerson(
                    bank.person(token, "zoe"))
                #expect(try await !bank.logIn("zoe", last.password, source: "x").hasRefusal)
                let unknown = try await bank.identity.resetPerson(
                    bank.person(token, "nobody"))
                #expect(unknown.refusal.code == "user_unknown")
                let herself = try await bank.identity.disablePerson(
                    bank.person(token, "olga"))
                #expect(herself.refusal.code == "forbidden")
            }
        }

        @Test func operatorsActsAreForOperators() async throws {
            try await Asked.with { bank in
                let identity = bank.identity
                let alice = try await bank.logIn("alice", Asked.alice).token
                let before = try await bank.psql("SELECT count(*) FROM identity.people")
                for (token, code) in [
                    (alice, "forbidden"), (Data(count: 32), "unauthenticated"),
                    (Data(), "unauthenticated"), (Data(count: 31), "unauthenticated"),
                ] {
                    let caller = bank.caller(token)
                    let refusals = [
                        try await identity.addPerson(
                            .with {
                                $0.caller = caller
                                $0.person.user = "mallory"
                                $0.person.rights = "operator"
                            }
                        ).refusal,
                        try await identity.resetPerson(
                            bank.person(token, "olga")
                        ).refusal,
                        try await identity.disablePerson(
                            bank.person(token, "olga")
                        ).refusal,
                        try await identity.listEvents(
                            .with { $0.caller = caller }
                        ).refusal,
                    ]
                    #expect(refusals.map(\.code) == [code, code, code, code])
                }
                #expect(try await bank.psql("SELECT count(*) FROM identity.people") == before)
                #expect(
                    try await bank.psql(
                        "SELECT count(*) FROM identity.events WHERE event = 'act_refused'") == "4")
            }
        }

        @Test func theTrailIsReadByPages() async throws {
            try await Asked.with { bank in
                let token = try await bank.logIn("olga", Asked.olga).token
                _ = try await bank.logIn("alice", "wrong horse")
                func page(_ size: Int32, _ pageToken: String = "") async throws
                    -> Teller_Identity_V1_EventsReply
                {
                    try await bank.identity.listEvents(
                        .with {
                            $0.caller = bank.caller(token)
                            $0.pageSize = size
                            $0.pageToken = pageToken
                        })
                }
                let all = try await page(0)
                #expect(
                    all.events.map { "\($0.event) \($0.user)" } == [
                        "login_refused alice", "login olga", "user_added olga", "user_added alice",
                    ])
                #expect(all.events[0].source == "192.0.2.1")
                #expect(all.events[0].traceID == String(repeating: "a", count: 32))
                #expect(all.nextPageToken.isEmpty)
                let first = try await page(3)
                #expect(first.events == Array(all.events.prefix(3)))
                #expect(try await page(3, first.nextPageToken).events == [all.events[3]])
                await #expect(throws: RPCError.self) { try await page(3, "x") }
            }
        }
    }
}
