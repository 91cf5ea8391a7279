import BalanceAPI
import Foundation
import GRPCCore
import SwiftProtobuf
import TestSupport

/// Who asks, as a test tells it: alice, with one token.
final class FakeIdentity: Sendable {
    struct State: Sendable {
        /// What each call is refused with.
        var refusal: Teller_Identity_V1_Refusal?
        /// What each call fails with, after it was done.
        var failure: RPCError?
        var calls: [any Sendable] = []
    }

    static let token = Data(0..<32)
    static let sessionID = Data(repeating: 7, count: 16)

    let state = Shared(State())

    var session: Teller_Identity_V1_Session {
        .with {
            $0.id = Self.sessionID
            $0.client = "teller 0.1.0"
            $0.source = "127.0.0.1"
            $0.openedAtMicroseconds = 1
            $0.lastUsedAtMicroseconds = 2
            $0.idleAtMicroseconds = 3
            $0.expiresAtMicroseconds = 4
            $0.isCurrent = true
        }
    }

    var person: Teller_Identity_V1_Person {
        .with {
            $0.user = "alice"
            $0.rights = "customer"
        }
    }

    /// - Returns: The refusal, when there is one.
    func take(_ request: some Sendable) throws -> Teller_Identity_V1_Refusal? {
        let state = state.update {
            $0.calls.append(request)
            return $0
        }
        if let failure = state.failure { throw failure }
        return state.refusal
    }
}

struct IdentityOf: Teller_Identity_V1_Identity.SimpleServiceProtocol {
    let identity: FakeIdentity

    private func session(
        _ refusal: Teller_Identity_V1_Refusal?, token: Data = Data()
    ) -> Teller_Identity_V1_SessionReply {
        .with {
            if let refusal {
                $0.refusal = refusal
            } else {
                $0.person = identity.person
                $0.session = identity.session
                $0.token = token
            }
        }
    }

    private func ended(_ refusal: Teller_Identity_V1_Refusal?) -> Teller_Identity_V1_EndedReply {
        .with {
            $0.ended = refusal == nil ? 2 : 0
            if let refusal { $0.refusal = refusal }
        }
    }

    private func password(
        _ refusal: Teller_Identity_V1_Refusal?
    ) -> Teller_Identity_V1_PasswordReply {
        .with {
            $0.person = identity.person
            $0.password = "nine-lives"
            if let refusal { $0.refusal = refusal }
        }
    }

    func openSession(
        request: Teller_Identity_V1_OpenSessionRequest, context: ServerContext
    ) async throws -> Teller_Identity_V1_SessionReply {
        session(try identity.take(request), token: FakeIdentity.token)
    }

    func getSession(
        request: Teller_Identity_V1_GetSessionRequest, context: ServerContext
    ) async throws -> Teller_Identity_V1_SessionReply { session(try identity.take(request)) }

    func listSessions(
        request: Teller_Identity_V1_ListSessionsRequest, context: ServerContext
    ) async throws -> Teller_Identity_V1_SessionsReply {
        let refusal = try identity.take(request)
        return .with {
            if let refusal { $0.refusal = refusal } else { $0.sessions = [identity.session] }
        }
    }

    func endSessions(
        request: Teller_Identity_V1_EndSessionsRequest, context: ServerContext
    ) async throws -> Teller_Identity_V1_EndedReply { ended(try identity.take(request)) }

    func changePassword(
        request: Teller_Identity_V1_ChangePasswordRequest, context: ServerContext
    ) async throws -> Teller_Identity_V1_EndedReply { ended(try identity.take(request)) }

    func addPerson(
        request: Teller_Identity_V1_AddPersonRequest, context: ServerContext
    ) async throws -> Teller_Identity_V1_PasswordReply { password(try identity.take(request)) }

    func disablePerson(
        request: Teller_Identity_V1_PersonRequest, context: ServerContext
    ) async throws -> Teller_Identity_V1_EndedReply { ended(try identity.take(request)) }

    func resetPerson(
        request: Teller_Identity_V1_PersonRequest, context: ServerContext
    ) async throws -> Teller_Identity_V1_PasswordReply { password(try identity.take(request)) }

    func listEvents(
        request: Teller_Identity_V1_ListEventsRequest, context: ServerContext
    ) async throws -> Teller_Identity_V1_EventsReply {
        let refusal = try identity.take(request)
        return .with {
            if let refusal { $0.refusal = refusal }
            $0.nextPageToken = "next"
            $0.events = [
                .with {
                    $0.number = 1
                    $0.event = "login"
                    $0.user = "alice"
                    $0.by = "operator"
                    $0.source = "127.0.0.1"
                    $0.traceID = String(repeating: "a", count: 32)
                }
            ]
        }
    }
}
