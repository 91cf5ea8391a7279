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
struct Asked: Sendable {
    static let alice = "correct horse"
    static let olga = "battery staple"

    let url: String
    let service: RunningService
    let identity: Teller_Identity_V1_Identity.Client<HTTP2ClientTransport.Posix>

    /// Runs `body` with a service that knows alice, and olga, who is an operator.
    static func with(
        _ hasher: PasswordHasher? = nil, _ body: @Sendable (Asked) async throws -> Void
    ) async throws {
        try await TestPostgres.withFreshDatabase("identity") { url async throws in
            try await migrate(url)
            for person in [
                NewPerson(user: "alice", rights: .customer, password: Secret(alice)),
                NewPerson(user: "olga", rights: .operator, password: Secret(olga)),
            ] {
                #expect(try await add(person, in: url))
                #expect(try await !add(person, in: url))
            }
            try await withService(
                url, asking: nil, with: { app in if let hasher { app.makeHasher = { hasher } } }
            ) { service in
                try await body(
                    Asked(url: url, service: service, identity: .init(wrapping: service.client)))
            }
        }
    }

    /// As `balance-service user` does.
    static func add(
        _ person: NewPerson, in url: String, resets: Bool = false
    ) async throws -> Bool {
        let configuration = PostgresConfiguration(
            connectionString: url, role: "teller_identity", applicationName: "tests")
        return try await PostgresConnection.withConnection(configuration, logger: .silent) {
            try await person.add(to: $0, resets: resets)
        }
    }

    func caller(_ token: Data = Data(), source: String = "192.0.2.1") -> Teller_Balance_V1_Caller {
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

    /// Whether a copy of the service takes the token, for a read.
    func counts(_ token: Data, at service: RunningService) async throws -> Bool {
        let number = try account(17)
        let reply = try await service.balances.getBalances(
            .with { request in
                request.callers = [caller(token)]
                request.queries = [
                    .with {
                        $0.account = number
                        $0.context.caller = 1
                    }
                ]
            })
        return reply.outcomes[0].refusal.code != .unauthenticated
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
