import BalanceAPI
import Chain
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Postgres
import SwiftProtobuf
import TestSupport
import Testing

@testable import BalanceService

/// The service as a person's tier in front sees it.
private struct Asked: Sendable {
    static let alice = "correct horse"
    static let olga = "battery staple"

    let url: String
    let service: RunningService
    let identity: Teller_Identity_V1_Identity.Client<HTTP2ClientTransport.Posix>

    /// Runs `body` with a service that knows alice, and olga, who is an operator.
    static func with(_ body: @Sendable (Asked) async throws -> Void) async throws {
        try await TestPostgres.withFreshDatabase("identity") { url async throws in
            try await migrate(url)
            let configuration = PostgresConfiguration(
                connectionString: url, role: "teller_identity", applicationName: "tests")
            try await PostgresConnection.withConnection(configuration, logger: .silent) {
                connection async throws in
                for person in [
                    NewPerson(user: "alice", rights: .customer, password: Secret(alice)),
                    NewPerson(user: "olga", rights: .operator, password: Secret(olga)),
                ] {
                    #expect(try await person.add(to: connection))
                    #expect(try await !person.add(to: connection))
                }
            }
            try await withService(url) { service in
                try await body(
                    Asked(url: url, service: service, identity: .init(wrapping: service.client)))
            }
        }
    }

    func caller(_ token: Data = Data(), source: String = "192.0.2.1") -> Teller_Identity_V1_Caller {
        .with {
            $0.token = token
            $0.source = source
            $0.traceID = String(repeating: "a", count: 32)
        }
    }

    func logIn(
        _ user: String, _ password: String, source: String = "192.0.2.1"
    ) async throws -> Teller_Identity_V1_SessionReply {
        try await identity.openSession(
            .with {
                $0.caller = caller(source: source)
                $0.user = user
                $0.password = password
                $0.client = "teller 0.1.0"
            })
    }

    func me(_ token: Data) async throws -> Teller_Identity_V1_SessionReply {
        try await identity.getSession(
            .with { $0.caller = caller(token) })
    }

    func end(
        _ token: Data, _ which: Teller_Identity_V1_EndSessionsRequest.OneOf_Which
    ) async throws -> Teller_Identity_V1_EndedReply {
        try await identity.endSessions(
            .with {
                $0.caller = caller(token)
                $0.which = which
            })
    }

    func person(_ token: Data, _ user: String) -> Teller_Identity_V1_PersonRequest {
        .with {
            $0.caller = caller(token)
            $0.user = user
        }
    }

    func change(
        _ token: Data, _ old: String, _ new: String
    ) async throws -> Teller_Identity_V1_EndedReply {
        try await identity.changePassword(
            .with {
                $0.caller = caller(token)
                $0.oldPassword = old
                $0.newPassword = new
            })
    }

    func psql(_ statement: String) async throws -> String {
        try await TestPostgres.psql(url, statement)
    }
}

extension ServiceTests {
    /// Logins, sessions, the acts of operators, and what is kept of them.
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

        /// Each member of a batch for itself; who has not signed in is asked for nothing yet.
        @Test func aTokenThatDoesNotCountAsksForNothing() async throws {
            try await Asked.with { bank in
                try await loadDemo(bank.url)
                let alice = try await bank.logIn("alice", Asked.alice).token
                let olga = try await bank.logIn("olga", Asked.olga).token
                let balances = bank.service.balances
                func read() async throws -> [Bool] {
                    let number = try account(17)
                    let reply = try await balances.getBalances(
                        .with { request in
                            request.tokens = [alice, Data(count: 32), Data(), olga]
                            request.queries = (0...5).map { caller in
                                .with {
                                    $0.account = number
                                    $0.context.caller = UInt32(caller)
                                }
                            }
                        })
                    return reply.outcomes.map { outcome in
                        if case .account = outcome.outcome { return true }
                        #expect(outcome.refusal.code == .unauthenticated)
                        return false
                    }
                }
                #expect(try await read() == [true, true, false, false, true, false])
                #expect(try await read() == [true, true, false, false, true, false])
                // At once in this copy; another one may take 5 s.
                #expect(try await bank.end(alice, .current(true)).ended == 1)
                #expect(try await read() == [true, false, false, false, true, false])

                let ledger = Teller_Balance_V1_Ledger.Client(wrapping: bank.service.client)
                let (debit, credit) = (try account(17), try account(18))
                func pay(_ token: Data, _ id: UInt8) async throws
                    -> Teller_Balance_V1_GroupOutcome
                {
                    try await ledger.submitTransfers(
                        .with { request in
                            request.tokens = [token]
                            request.groups = [
                                .with { group in
                                    group.context.caller = 1
                                    group.transfers = [
                                        .with {
                                            $0.id = Data(repeating: id, count: 16)
                                            $0.transfer.debitAccount = debit
                                            $0.transfer.creditAccount = credit
                                            $0.transfer.amount = 1
                                            $0.transfer.currency = "USD"
                                        }
                                    ]
                                }
                            ]
                        }
                    ).groups[0]
                }
                #expect(try await pay(alice, 1).failure == .unauthenticated)
                #expect(try await pay(olga, 2).outcomes.count == 1)
                let count = "SELECT count(*) FROM teller.transfers WHERE id::text LIKE '01%'"
                #expect(try await bank.psql(count) == "0")
            }
        }

        /// What batches ask keeps a session open, and is noted once a minute.
        @Test func aBatchUsesItsCallersSessions() async throws {
            try await Asked.with { bank in
                let token = try await bank.logIn("alice", Asked.alice).token
                _ = try await bank.psql(
                    """
                    UPDATE identity.sessions
                    SET last_used_at = clock_timestamp() - interval '14 minutes'
                    """)
                _ = try await bank.service.balances.getBalances(.with { $0.tokens = [token] })
                #expect(
                    try await bank.psql(
                        """
                        SELECT last_used_at > clock_timestamp() - interval '1 minute'
                        FROM identity.sessions
                        """) == "t")
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

        @Test func eachTryTakesOneCheck() async throws {
            try await TestPostgres.withFreshDatabase("identity") { url async throws in
                try await migrate(url)
                let hasher = PasswordHasher()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await hasher.run() }
                    defer { group.cancelAll() }
                    let hash = try await hasher.hash(Secret("correct horse"))
                    #expect(try await hasher.isMatch(Secret("correct horse"), hash))
                    #expect(try await !hasher.isMatch(Secret("wrong horse"), hash))
                    #expect(try await !hasher.isMatch(Secret("correct horse"), nil))
                    #expect(hasher.checks == 3)
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

    /// Whom the tables of people are for.
    @Suite(.timeLimit(.minutes(2)))
    struct IdentityRoleTests {
        private static let forbidden: [(role: String, statement: String)] = [
            ("teller_app", "SELECT name FROM identity.people"),
            ("teller_app", "SELECT id FROM identity.sessions"),
            ("teller_app", "SELECT number FROM identity.events"),
            ("teller_app", "SET LOCAL ROLE teller_identity; SELECT name FROM identity.people"),
            ("teller_identity", "SELECT id FROM teller.accounts"),
            ("teller_identity", "UPDATE identity.people SET name = 'x'"),
            ("teller_identity", "UPDATE identity.people SET rights = 'operator'"),
            ("teller_identity", "DELETE FROM identity.people"),
            ("teller_identity", "UPDATE identity.sessions SET person = 1"),
            ("teller_identity", "UPDATE identity.sessions SET expires_at = 'infinity'"),
            ("teller_identity", "DELETE FROM identity.sessions"),
            ("teller_identity", "UPDATE identity.events SET event = 'x'"),
            ("teller_identity", "DELETE FROM identity.events"),
            ("teller_identity", "TRUNCATE identity.events"),
            ("teller_identity", "CREATE TABLE identity.mine (i int)"),
        ]

        @Test func nobodyDoesMoreThanItMay() async throws {
            try await TestPostgres.withFreshDatabase("identity") { url async throws in
                try await migrate(url)
                for (role, statement) in Self.forbidden {
                    let error = await #expect(throws: CommandError.self, "\(role): \(statement)") {
                        try await TestPostgres.psql(
                            url, "SET SESSION AUTHORIZATION \(role); \(statement)")
                    }
                    #expect(error?.output.contains("permission denied") == true)
                }
            }
        }
    }
}
