import BalanceAPI
import BalanceClient
import BankAPI
import Chain
import GRPCCore
import Ledger
import SwiftProtobuf

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Who asks. All of it is decided in tier 3: here bodies and tokens are only read.
extension BankHandler {
    private typealias Method = Teller_Identity_V1_Identity.Method

    func logIn(_ request: BankRequest) async throws(Problem) -> Answer {
        let body = try LogIn(body: request.body)
        let message = Teller_Identity_V1_OpenSessionRequest.with {
            $0.caller = request.origin
            $0.user = body.user
            $0.password = body.password.text
            $0.client = body.client?.description ?? ""
        }
        // A second try would be counted, and its session be nobody's.
        return try await ask(
            Method.OpenSession.descriptor, message, request, isRepeatable: false
        ) { (reply: Teller_Identity_V1_SessionReply) in
            guard let token = SessionToken(bytes: reply.token) else {
                throw ContractError("a token that is not of 32 bytes")
            }
            return OpenedSession(token: token, me: try Me(reply))
        }
    }

    func me(_ request: BankRequest) async throws(Problem) -> Answer {
        return try await ask(
            Method.GetSession.descriptor,
            Teller_Identity_V1_GetSessionRequest.with { $0.caller = request.asker }, request
        ) { (reply: Teller_Identity_V1_SessionReply) in try Me(reply) }
    }

    func sessions(_ request: BankRequest) async throws(Problem) -> Answer {
        return try await ask(
            Method.ListSessions.descriptor,
            Teller_Identity_V1_ListSessionsRequest.with { $0.caller = request.asker }, request
        ) { (reply: Teller_Identity_V1_SessionsReply) in
            Sessions(sessions: try reply.sessions.map { try Session($0) })
        }
    }

    /// - Parameter text: In the place of the session's id; nil: all of the caller's.
    func endSessions(_ text: Substring?, _ request: BankRequest) async throws(Problem) -> Answer {
        var message = Teller_Identity_V1_EndSessionsRequest()
        message.caller = request.asker
        switch text {
        case nil: message.all = true
        case "current"?: message.current = true
        case let text?:
            guard let id = Identifier(String(text)) else {
                throw Problem(.idInvalid, detail: "A session's id is a UUID, or current.")
            }
            message.id = Data(id.bytes)
        }
        return try await ask(Method.EndSessions.descriptor, message, request, of: ended)
    }

    func changePassword(_ request: BankRequest) async throws(Problem) -> Answer {
        let body = try ChangePassword(body: request.body)
        let message = Teller_Identity_V1_ChangePasswordRequest.with {
            $0.caller = request.asker
            $0.oldPassword = body.oldPassword.text
            $0.newPassword = body.newPassword.text
        }
        return try await ask(
            Method.ChangePassword.descriptor, message, request, isRepeatable: false, of: ended)
    }

    func addUser(_ request: BankRequest) async throws(Problem) -> Answer {
        let body = try AddUser(body: request.body)
        let message = Teller_Identity_V1_AddPersonRequest.with {
            $0.caller = request.asker
            $0.person.user = body.user
            $0.person.rights = body.rights.rawValue
        }
        return try await ask(
            Method.AddPerson.descriptor, message, request, isRepeatable: false, of: newPassword)
    }

    func disable(_ user: Substring, _ request: BankRequest) async throws(Problem) -> Answer {
        let message = try message(about: user, request)
        return try await ask(Method.DisablePerson.descriptor, message, request, of: ended)
    }

    func reset(_ user: Substring, _ request: BankRequest) async throws(Problem) -> Answer {
        let message = try message(about: user, request)
        return try await ask(
            Method.ResetPerson.descriptor, message, request, isRepeatable: false, of: newPassword)
    }

    func securityLog(
        _ query: QueryParameters, _ request: BankRequest
    ) async throws(Problem) -> Answer {
        let names = BankRoute.SecurityLogQuery.self
        var message = Teller_Identity_V1_ListEventsRequest()
        message.caller = request.asker
        message.pageSize = try query.pageSize(names.pageSize)
        message.pageToken = try query.pageToken(names.pageToken)
        return try await ask(Method.ListEvents.descriptor, message, request) {
            (reply: Teller_Identity_V1_EventsReply) in
            SecurityLogPage(
                events: reply.events.map { .init($0) },
                nextPageToken: reply.nextPageToken.nonEmpty)
        }
    }

    private func message(
        about user: Substring, _ request: BankRequest
    ) throws(Problem) -> Teller_Identity_V1_PersonRequest {
        _ = try UserAct(body: request.body)
        return .with {
            $0.caller = request.asker
            $0.user = String(user)
        }
    }

    private func ended(_ reply: Teller_Identity_V1_EndedReply) -> EndedSessions {
        EndedSessions(ended: Int(reply.ended))
    }

    private func newPassword(_ reply: Teller_Identity_V1_PasswordReply) -> NewPassword {
        NewPassword(
            user: reply.person.user, rights: Rights(rawValue: reply.person.rights),
            password: Secret(reply.password))
    }

    /// - Parameters:
    ///   - isRepeatable: Whether it may be sent again when an answer is lost.
    ///   - value: What is answered; throws when the reply breaks the contract.
    private func ask<Reply: IdentityReply>(
        _ method: MethodDescriptor, _ message: some SwiftProtobuf.Message, _ request: BankRequest,
        isRepeatable: Bool = true, of value: (Reply) throws -> some Encodable
    ) async throws(Problem) -> Answer {
        let call = UnaryCall(method, message, returning: Reply.self, context: request.context)
        let reply: Reply
        let timing: ServerTiming?
        do throws(BalanceClientError) {
            let answer =
                isRepeatable ? try await services.read(call) : try await services.once(call)
            (reply, timing) = (answer.message, answer.timing)
        } catch {
            guard error == .outcomeUnknown else { throw Problem(error) }
            throw Problem(
                .outcomeUnknown, detail: "It may be done or not: look before you ask again.",
                tier: .balanceService)
        }
        if reply.hasRefusal { throw .refused(reply.refusal) ?? breach("a refusal", request) }
        let body = try encoded(request) { try value(reply) }
        return Answer(body: body, call: method.method, timing: timing)
    }
}
