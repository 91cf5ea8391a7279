import BalanceAPI
import BankAPI
import Chain
import GRPCCore
import Ledger
import NIOHTTP1
import SwiftProtobuf
import TestSupport
import Testing

@testable import BankServer

/// Routes about who asks: what they pass on, and what they answer.
@Suite struct IdentityRouteTests {
    static let token = SessionToken(bytes: FakeIdentity.token)
    static let bearer: HTTPHeaders = [
        "authorization": token?.authorization ?? "", "content-type": "application/json",
    ]
    static let logIn = #"{"user":"alice","password":" p\u00e4ss ","client":"teller 0.1.0"}"#

    struct Call: Sendable {
        var method: HTTPMethod
        var path: String
        var body: String?
        var schema: String
    }

    /// Each route that takes a token.
    static let calls = [
        Call(method: .GET, path: "/v1/me", schema: "Me"),
        Call(method: .GET, path: "/v1/sessions", schema: "Sessions"),
        Call(method: .DELETE, path: "/v1/sessions", schema: "EndedSessions"),
        Call(method: .DELETE, path: "/v1/sessions/current", schema: "EndedSessions"),
        Call(
            method: .DELETE, path: "/v1/sessions/07070707-0707-0707-0707-070707070707",
            schema: "EndedSessions"),
        Call(
            method: .PUT, path: "/v1/me/password",
            body: #"{"old_password":"a","new_password":"b"}"#, schema: "EndedSessions"),
        Call(
            method: .POST, path: "/v1/users", body: #"{"user":"zoe","rights":"operator"}"#,
            schema: "NewPassword"),
        Call(method: .POST, path: "/v1/users/zoe/disable", body: "{}", schema: "EndedSessions"),
        Call(method: .POST, path: "/v1/users/zoe/reset", body: "{}", schema: "NewPassword"),
        Call(method: .GET, path: "/v1/security-log", schema: "SecurityLogPage"),
    ]

    /// With more time than a busy machine needs.
    private func ask(_ call: Call, _ headers: HTTPHeaders = bearer) async throws
        -> TestBank.Answer
    {
        try await bank.get(
            call.path, method: call.method, timeout: "60S", headers: headers, body: call.body)
    }

    @Test(.bank) func passesALoginOn() async throws {
        let answer = try await bank.post("/v1/sessions", Self.logIn, timeout: "60S")
        #expect(answer.status == 200)
        #expect(answer["cache-control"] == "no-store")
        let opened = try answer.decode(OpenedSession.self)
        #expect(opened.token == Self.token)
        #expect(opened.me.user == "alice")
        #expect(opened.me.session.isCurrent)
        #expect(try BankJSON.encode(opened) == answer.body)
        let asked = try #require(
            fake.identity.state.calls.first as? Teller_Identity_V1_OpenSessionRequest)
        // Exactly as it was typed.
        #expect(asked.password == " p\u{e4}ss ")
        #expect(asked.caller.source == "127.0.0.1")
        #expect(asked.caller.traceID.utf8.count == 32)
        #expect(asked.caller.token.isEmpty)
    }

    /// Behind a proxy everybody has its address: tries would be counted together.
    @Test(.bank { $0.isPlaintext = true }) func aProxysAddressIsNobodys() async throws {
        _ = try await bank.post("/v1/sessions", Self.logIn, timeout: "60S")
        let asked = try #require(
            fake.identity.state.calls.first as? Teller_Identity_V1_OpenSessionRequest)
        #expect(asked.caller.source.isEmpty)
    }

    @Test(.bank) func passesTheTokenOn() async throws {
        for call in Self.calls {
            let answer = try await ask(call)
            #expect(answer.status == 200, "\(call.path): \(answer.text)")
            let asked = try #require(fake.identity.state.calls.last as? any Asking)
            #expect(asked.caller.token == FakeIdentity.token)
            try OpenAPITests().expect(answer.text, fits: call.schema)
        }
        #expect(fake.identity.state.calls.count == Self.calls.count)
    }

    /// Whether one is needed is for the balance service to say, and to record.
    @Test(.bank) func passesOnThatThereIsNoToken() async throws {
        var headers = Self.bearer
        headers.remove(name: "authorization")
        for call in Self.calls {
            _ = try await ask(call, headers)
            let asked = try #require(fake.identity.state.calls.last as? any Asking)
            #expect(asked.caller.token.isEmpty)
            #expect(asked.caller.source == "127.0.0.1")
        }
        #expect(fake.identity.state.calls.count == Self.calls.count)
    }

    @Test(.bank) func whatIsNoTokenIsNotPassedOn() async throws {
        let text = String(repeating: "A", count: 47)
        for call in Self.calls {
            for value in ["Bearer tlr_x", "Basic YTpi", "Bearer \(text)"] {
                var headers = Self.bearer
                headers.replaceOrAdd(name: "authorization", value: value)
                let answer = try await ask(call, headers)
                #expect(answer.status == 401)
                #expect(answer["www-authenticate"] == "Bearer")
                #expect(try answer.problem.code == .unauthenticated)
            }
        }
        #expect(fake.identity.state.calls.isEmpty)
    }

    @Test(.bank) func answersARefusalAsAProblem() async throws {
        for refusal in IdentityRefusal.allCases {
            fake.identity.state.update {
                $0.refusal = .with {
                    $0.code = refusal.rawValue
                    $0.detail = "Because."
                    $0.retryAfterSeconds = 3
                }
            }
            for call in Self.calls {
                let answer = try await ask(call)
                let problem = try answer.problem
                #expect(problem.code.rawValue == refusal.rawValue)
                #expect(problem.code.isKnown)
                #expect(answer.status == problem.code.status)
                #expect(problem.detail == "Because.")
                #expect(problem.retryAfter == 3)
                #expect(answer["retry-after"] == "3")
            }
        }
    }

    /// Beside each member of a batch: whether she needs one is for the balance service to say.
    @Test(.bank) func aBatchCarriesItsCallersTokens() async throws {
        #expect(try await bank.balance(timeout: "60S").status == 200)
        #expect(fake.calls.last?.callers.map(\.token.isEmpty) == [true])
        #expect(fake.calls.last?.callers.map(\.source) == ["127.0.0.1"])
        #expect(fake.calls.last?.queries.map(\.context.caller) == [1])
        #expect(try await bank.balance(timeout: "60S", headers: Self.bearer).status == 200)
        #expect(fake.calls.last?.callers.map(\.token) == [FakeIdentity.token])
        #expect(fake.calls.last?.queries.map(\.context.caller) == [1])
        let count = fake.calls.count
        let malformed = try await bank.balance(headers: ["authorization": "Bearer x"])
        #expect(malformed.status == 401)
        #expect(fake.calls.count == count)
    }

    @Test(.bank) func aSessionThatHasEndedAsksForNothing() async throws {
        fake.knowsNobody = true
        let read = try await bank.balance(timeout: "60S", headers: Self.bearer)
        #expect(read.status == 401)
        #expect(try read.problem.detail.contains("has ended"))
        fake.ledger.script = [.failGroups(.unauthenticated, applied: false)]
        let write = try await bank.transfer(
            try Body.transfer(Body.newID()), timeout: "60S",
            headers: ["authorization": Self.token?.authorization ?? ""])
        #expect(try write.problem.code == .unauthenticated)
        #expect(fake.ledger.calls.last?.callers.map(\.token) == [FakeIdentity.token])
        #expect(fake.ledger.calls.count == 1)
    }

    /// What may have been done is not said to have failed.
    @Test(.bank) func aLostAnswerIsUnknown() async throws {
        fake.identity.state.update { $0.failure = RPCError(code: .unavailable, message: "gone") }
        for call in Self.calls where [.PUT, .POST].contains(call.method) {
            let code = try await ask(call).problem.code
            let isRepeatable = call.path.hasSuffix("/disable")
            #expect(
                code == (isRepeatable ? .balanceServiceUnavailable : .outcomeUnknown),
                "\(call.path)")
        }
    }

    @Test(.bank) func aPageOfAnotherSiteChangesNothing() async throws {
        var headers = Self.bearer
        headers.add(name: "origin", value: "https://evil.example")
        for call in Self.calls {
            let status = try await ask(call, headers).status
            #expect(status == (call.method == .GET ? 200 : 403), "\(call.path)")
        }
        #expect(fake.identity.state.calls.count == Self.calls.count { $0.method == .GET })
    }
}

private protocol Asking {
    var caller: Teller_Balance_V1_Caller { get }
}

extension Teller_Identity_V1_GetSessionRequest: Asking {}
extension Teller_Identity_V1_ListSessionsRequest: Asking {}
extension Teller_Identity_V1_EndSessionsRequest: Asking {}
extension Teller_Identity_V1_ChangePasswordRequest: Asking {}
extension Teller_Identity_V1_AddPersonRequest: Asking {}
extension Teller_Identity_V1_PersonRequest: Asking {}
extension Teller_Identity_V1_ListEventsRequest: Asking {}

@Suite struct SessionTokenTests {
    @Test func isReadAsItIsWritten() throws {
        for byte in [0x00, 0x3e, 0x7f, 0xfb, 0xff] as [UInt8] {
            let token = try #require(SessionToken(bytes: [UInt8](repeating: byte, count: 32)))
            #expect(token.secret.text.utf8.count == 47)
            #expect(SessionToken(token.secret.text) == token)
            #expect(SessionToken(authorization: "bearer \(token.secret.text)") == token)
        }
    }

    @Test(arguments: ["+", "/", "=", " ", "é", "B"]) func isWrittenInOneWay(last: String) throws {
        let text = try #require(SessionToken(bytes: [UInt8](repeating: 0, count: 32))).secret.text
        // The last digit has two bits that belong to no byte.
        #expect(SessionToken(text.dropLast() + last) == nil)
        #expect(SessionToken(text + last) == nil)
    }

    @Test func isInNoText() throws {
        let token = try #require(SessionToken(bytes: [UInt8](repeating: 0, count: 32)))
        let body = LogIn(user: "alice", password: Secret("hunter22"), client: nil)
        #expect(!"\(token.secret) \(token.secret.debugDescription)".contains("tlr_"))
        #expect(!"\(token) \(String(reflecting: token))".contains("0, 0"))
        #expect(!"\(body) \(String(reflecting: body))".contains("hunter22"))
        var text = ""
        dump(body, to: &text)
        #expect(!text.contains("hunter22"))
    }
}
