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
        case .health, .readiness, .openAPI: throw .internal(tier: .bankServer)
        }
    }
}
