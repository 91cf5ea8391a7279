import BalanceClient
import BankAPI
import Logging
import NIOHTTP1

/// The bank's own routes. What they are about is in an extension each.
struct BankHandler: Sendable {
    typealias Completion = (Result<Answer, Problem>) -> Void

    let services: BalanceServices
    let logger: Logger

    /// How an answer comes about.
    enum Beginning {
        /// By the completion, without a task. The caller's leaving ends it.
        case read(PendingRead)
        /// By the completion, without a task. Nobody's leaving ends a write.
        case write
        /// In a task, for what is asked rarely.
        case task(@Sendable () async throws(Problem) -> Answer)
    }

    /// Begins to answer, on the event loop of hop 2's client.
    ///
    /// - Parameters:
    ///   - kind: Told what kind of write it is, before anything is sent.
    ///   - completion: Called once on the same event loop, perhaps before this returns, unless this throws
    ///     or a task is needed.
    func begin(
        _ route: MatchedRoute, _ request: BankRequest, kind: (String) -> Void,
        completion: @escaping Completion
    ) throws(Problem) -> Beginning {
        let query = try QueryParameters(request.query, names: route.queryNames(request.method))
        switch route {
        case .balance(let text):
            return .read(try balance(text, query, request, completion: completion))
        case .transfers, .transferBatch:
            let isBatch = route == .transferBatch
            try submit(isBatch: isBatch, request, kind: kind, completion: completion)
            return .write
        case .accounts where request.method == .POST:
            kind("open")
            return .task { () async throws(Problem) in try await open(request) }
        case .close(let text):
            kind("close")
            return .task { () async throws(Problem) in try await close(text, request) }
        case .accounts:
            return .task { () async throws(Problem) in try await list(query, request) }
        case .account(let text):
            return .task { () async throws(Problem) in try await account(text, request) }
        case .statement(let text):
            return .task { () async throws(Problem) in try await statement(text, query, request) }
        case .transferLookup:
            return .task { () async throws(Problem) in try await lookUp(request) }
        case .transfer(let text):
            return .task { () async throws(Problem) in try await transfer(text, request) }
        case .bank: return .task { () async throws(Problem) in try await bank(request) }
        case .audit: return .task { () async throws(Problem) in try await audit(request) }
        case .sessions, .session, .me, .password, .users, .disable, .reset, .securityLog:
            return .task { () async throws(Problem) in
                try await identity(route, query, request)
            }
        case .health, .readiness, .openAPI: throw .internal(tier: .bankServer)
        }
    }

    /// Answers what is about who asks.
    private func identity(
        _ route: MatchedRoute, _ query: QueryParameters, _ request: BankRequest
    ) async throws(Problem) -> Answer {
        switch route {
        case .sessions where request.method == .POST: try await logIn(request)
        case .sessions where request.method == .DELETE: try await endSessions(nil, request)
        case .sessions: try await sessions(request)
        case .session(let text): try await endSessions(text, request)
        case .me: try await me(request)
        case .password: try await changePassword(request)
        case .users: try await addUser(request)
        case .disable(let user): try await disable(user, request)
        case .reset(let user): try await reset(user, request)
        case .securityLog: try await securityLog(query, request)
        default: throw .internal(tier: .bankServer)
        }
    }
}
