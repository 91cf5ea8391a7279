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
            try await withService(
                url, with: { app in if let hasher { app.makeHasher = { hasher } } }
            ) { service in
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
