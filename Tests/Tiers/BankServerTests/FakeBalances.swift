import BalanceAPI
import Chain
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import GRPCProtobuf
import SwiftProtobuf
import Synchronization

/// A balance service without a database, on a real gRPC server: it answers what a test tells it to.
final class FakeBalances: Sendable {
    struct Call: Sendable {
        var accounts: [String]
        var queries: [Teller_Balance_V1_BalanceQuery]
        var timeouts: [UInt64]
        var traceparents: [String]
        var metadata: Metadata
    }

    struct State {
        var calls: [Call] = []
        var lists: [Teller_Balance_V1_ListAccountsRequest] = []
        var failure: RPCError?
        var isServing = true
        var isHeld = false
        var heldCalls: [CheckedContinuation<Void, Never>] = []
        var isCorrupt = false
        var outcomeCount: Int?
        var pauses: [String: Duration] = [:]
        var pausing: [String] = []
        /// How many streams of reads there were.
        var streams = 0
        /// What the next stream of reads ends with.
        var status: RPCError?
        /// Whether a stream takes no more after its next answer.
        var isClosing = false
        /// Those that were cancelled meanwhile.
        var cancelled: [String] = []
    }

    static let known = "XB45DEMO0000000017"
    static let unknown = "XB18DEMO0000000018"

    let state = Mutex(State())
    /// What several services may share, as they share a database.
    let ledger: FakeLedger

    init(ledger: FakeLedger = FakeLedger()) {
        self.ledger = ledger
    }

    var calls: [Call] { state.withLock { $0.calls } }

    var lists: [Teller_Balance_V1_ListAccountsRequest] { state.withLock { $0.lists } }

    func fail(with error: RPCError?) { state.withLock { $0.failure = error } }

    /// The next batch of reads ends its stream.
    func endStream(with status: RPCError) { state.withLock { $0.status = status } }

    func takeStatus() -> RPCError? {
        state.withLock { state in
            defer { state.status = nil }
            return state.status
        }
    }

    /// From now on streams take no more after an answer.
    func close() { state.withLock { $0.isClosing = true } }

    var isClosing: Bool { state.withLock { $0.isClosing } }

    func setServing(_ isServing: Bool) { state.withLock { $0.isServing = isServing } }

    func corrupt() { state.withLock { $0.isCorrupt = true } }

    func answer(outcomes count: Int) { state.withLock { $0.outcomeCount = count } }

    /// Calls wait from now on, until ``release()``.
    func hold() { state.withLock { $0.isHeld = true } }

    func release() {
        let held = state.withLock { state in
            defer { state.heldCalls = [] }
            state.isHeld = false
            return state.heldCalls
        }
        for call in held { call.resume() }
    }

    /// Waits, with a generous bound, until there were so many calls.
    func waitForCalls(_ count: Int) async throws {
        try await eventually { self.calls.count >= count }
    }

    func pass() async {
        await withCheckedContinuation { continuation in
            let mustWait = state.withLock { state in
                if state.isHeld { state.heldCalls.append(continuation) }
                return state.isHeld
            }
            if !mustWait { continuation.resume() }
        }
    }

    /// From now on every call of an rpc takes so long.
    func pause(_ rpc: String, for duration: Duration) {
        state.withLock { $0.pauses[rpc] = duration }
    }

    /// - Parameter rpc: The unary one of a batch on a stream.
    func pause(in context: ServerContext, of rpc: String? = nil) async {
        let (rpc, start) = (rpc ?? context.descriptor.method, ContinuousClock.now)
        state.withLock { $0.pausing.append(rpc) }
        while let duration = state.withLock({ $0.pauses[rpc] }),
            start.duration(to: .now) < duration,
            !context.cancellation.isCancelled
        {
            try? await Task.sleep(for: .milliseconds(10))
        }
        state.withLock { state in
            state.pausing.removeAll { $0 == rpc }
            if context.cancellation.isCancelled { state.cancelled.append(rpc) }
        }
    }

    /// The rpcs that are in such a pause.
    var pausing: [String] { state.withLock { $0.pausing } }

    func account(_ number: String) -> Teller_Balance_V1_Account {
        var account = Teller_Balance_V1_Account()
        account.account = number
        account.name = "Alice, \"everyday\""
        account.currency = state.withLock { $0.isCorrupt } ? "???" : "USD"
        account.balance = 123_456
        account.overdraftLimit = 0
        account.version = 7
        account.openedAtMicroseconds = 1_700_000_000_000_000
        return account
    }

    /// Runs `body` with the service on a port of its own; stops it afterwards.
    func serve<Result: Sendable>(
        _ body: @Sendable (HostAndPort) async throws -> Result
    ) async throws -> Result {
        let transport = HTTP2ServerTransport.Posix(
            address: .ipv4(host: "127.0.0.1", port: 0), transportSecurity: .plaintext,
            config: .defaults { $0.http2.maxConcurrentStreams = 1024 })
        let server = GRPCServer(
            transport: transport,
            services: [BalancesOf(self), LedgerOf(fake: self), HealthOf(self)])
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.serve() }
            guard let address = try await transport.listeningAddress.ipv4 else {
                throw TestFailure("not listening on IPv4")
            }
            defer {
                release()
                // Not cancelled: a connection that just arrives would end the process.
                server.beginGracefulShutdown()
            }
            return try await body(HostAndPort(host: "127.0.0.1", port: address.port))
        }
    }
}

private struct BalancesOf: Teller_Balance_V1_Balances.ServiceProtocol {
    let fake: FakeBalances

    init(_ fake: FakeBalances) { self.fake = fake }

    func getBalances(
        request: ServerRequest<Teller_Balance_V1_BalancesRequest>, context: ServerContext
    ) async throws -> ServerResponse<Teller_Balance_V1_BalancesResponse> {
        ServerResponse(
            message: try await answer(request.message, metadata: request.metadata, context),
            trailingMetadata: trailing(of: request.metadata))
    }

    func streamBalances(
        request: StreamingServerRequest<Teller_Balance_V1_BalancesBatch>, context: ServerContext
    ) async throws -> StreamingServerResponse<Teller_Balance_V1_BalancesBatchAnswer> {
        fake.state.withLock { $0.streams += 1 }
        return StreamingServerResponse { writer in
            for try await batch in request.messages {
                var answer = Teller_Balance_V1_BalancesBatchAnswer()
                answer.number = batch.number
                do {
                    answer.response = try await self.answer(
                        batch.request, metadata: request.metadata, context)
                } catch {
                    answer.error = try batchError(error)
                }
                answer.serverTiming = timing(of: batch.request.queries.map(\.context))
                try await writer.write(answer)
                if fake.isClosing {
                    try await writer.write(.with { $0.closing = true })
                }
            }
            return [:]
        }
    }

    private func answer(
        _ request: Teller_Balance_V1_BalancesRequest, metadata: Metadata, _ context: ServerContext
    ) async throws -> Teller_Balance_V1_BalancesResponse {
        let queries = request.queries
        let failure = fake.state.withLock { state in
            state.calls.append(
                .init(
                    accounts: queries.map(\.account), queries: queries,
                    timeouts: queries.map(\.context.timeoutMicroseconds),
                    traceparents: queries.map(\.context.traceparent), metadata: metadata))
            return state.failure
        }
        await fake.pass()
        await fake.pause(in: context, of: "GetBalances")
        if let failure { throw failure }
        if let status = fake.takeStatus() { throw EndOfStream(status: status) }
        var response = Teller_Balance_V1_BalancesResponse()
        response.outcomes = queries.map { query in
            var outcome = Teller_Balance_V1_BalanceOutcome()
            if query.account == FakeBalances.unknown {
                outcome.refusal.code = .accountUnknown
            } else if query.atLeastVersion > 7 {
                outcome.refusal.code = .versionNotReached
            } else {
                outcome.account = fake.account(query.account)
            }
            return outcome
        }
        if let count = fake.state.withLock({ $0.outcomeCount }) {
            response.outcomes = Array(response.outcomes.prefix(count))
        }
        return response
    }

    func listAccounts(
        request: ServerRequest<Teller_Balance_V1_ListAccountsRequest>, context: ServerContext
    ) async throws -> ServerResponse<Teller_Balance_V1_ListAccountsResponse> {
        let failure = fake.state.withLock { state in
            state.lists.append(request.message)
            return state.failure
        }
        await fake.pass()
        await fake.pause(in: context)
        if let failure { throw failure }
        guard request.message.pageToken != "bad" else {
            throw GoogleRPCStatus(
                code: .invalidArgument, message: "no page token",
                details: .errorInfo(reason: "PAGE_TOKEN_INVALID", domain: "teller"))
        }
        var response = Teller_Balance_V1_ListAccountsResponse()
        response.accounts = [fake.account(FakeBalances.known)]
        response.nextPageToken = "next"
        return ServerResponse(
            message: response, trailingMetadata: trailing(of: request.metadata))
    }
}

/// The trailing metadata of a reply: the tiers' times, when the call was sampled.
func trailing(of metadata: Metadata) -> Metadata {
    let isSampled = metadata[stringValues: "traceparent"].contains { $0.hasSuffix("-01") }
    return isSampled ? ["server-timing": .string(tiersTiming)] : [:]
}

/// The same in an answer on a stream, when a member is.
func timing(of contexts: [Teller_Balance_V1_CallContext]) -> String {
    contexts.contains { $0.traceparent.hasSuffix("-01") } ? tiersTiming : ""
}

private let tiersTiming =
    "balance-service;dur=0.600;desc=\"balances\", postgresql;dur=0.200;desc=\"SELECT, 1\""

/// What ends a stream, in place of a batch's answer.
struct EndOfStream: Error {
    let status: RPCError
}

/// What a call of its own would end with, as an answer on a stream tells it.
///
/// - Throws: What ends the stream.
func batchError(_ error: any Error) throws -> Teller_Balance_V1_BatchError {
    if let end = error as? EndOfStream { throw end.status }
    let error =
        (error as? RPCError) ?? (error as? GoogleRPCStatus).map { RPCError($0) }
        ?? RPCError(code: .unknown, message: "\(error)")
    return .with {
        $0.code = Int32(error.code.rawValue)
        $0.message = error.message
        let details = (try? error.unpackGoogleRPCStatus())?.details ?? []
        $0.reason = details.lazy.compactMap(\.errorInfo).first?.reason ?? ""
    }
}

private struct HealthOf: Grpc_Health_V1_Health.SimpleServiceProtocol {
    let fake: FakeBalances

    init(_ fake: FakeBalances) { self.fake = fake }

    func check(
        request: Grpc_Health_V1_HealthCheckRequest, context: ServerContext
    ) async throws -> Grpc_Health_V1_HealthCheckResponse {
        await fake.pause(in: context)
        var response = Grpc_Health_V1_HealthCheckResponse()
        response.status = fake.state.withLock { $0.isServing } ? .serving : .notServing
        return response
    }

    func watch(
        request: Grpc_Health_V1_HealthCheckRequest,
        response: RPCWriter<Grpc_Health_V1_HealthCheckResponse>, context: ServerContext
    ) async throws {
        throw RPCError(code: .unimplemented, message: "")
    }
}
