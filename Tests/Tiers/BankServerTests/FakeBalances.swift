import BalanceAPI
import Chain
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import GRPCProtobuf
import SwiftProtobuf
import TestSupport

/// A balance service without a database, on a real gRPC server: it answers what a test tells it to.
@dynamicMemberLookup
final class FakeBalances: Sendable {
    struct Call: Sendable {
        var queries: [Teller_Balance_V1_BalanceQuery]
        var metadata: Metadata
        var callers: [Teller_Balance_V1_Caller] = []
    }

    struct State: Sendable {
        var calls: [Call] = []
        var lists: [Teller_Balance_V1_ListAccountsRequest] = []
        /// Whether no token counts.
        var knowsNobody = false
        /// What reads fail with.
        var failure: RPCError?
        var isServing = true
        /// Whether what is read makes no sense.
        var isCorrupt = false
        /// How many outcomes a read has, when not one for each query.
        var outcomeCount: Int?
        /// How long the calls of an rpc take.
        var pauses: [String: Duration] = [:]
        /// The rpcs that are in such a pause.
        var pausing: [String] = []
        /// Those that were cancelled meanwhile, but for probes: a busy machine gives up its first one.
        var cancelled: [String] = []
        /// How many streams of reads there were.
        var streams = 0
        /// What the next batch of reads ends its stream with.
        var status: RPCError?
        /// Whether a stream takes no more after its next answer.
        var isClosing = false
        fileprivate var isHeld = false
        var heldCalls: [CheckedContinuation<Void, Never>] = []
    }

    static let known = "XB45DEMO0000000017"
    static let unknown = "XB18DEMO0000000018"

    let state = Shared(State())
    /// What several services may share, as they share a database.
    let ledger: FakeLedger
    let identity = FakeIdentity()

    init(ledger: FakeLedger = FakeLedger()) { self.ledger = ledger }

    subscript<Member: Sendable>(dynamicMember member: WritableKeyPath<State, Member>) -> Member {
        get { state[dynamicMember: member] }
        set { state[dynamicMember: member] = newValue }
    }

    /// Calls wait from now on, until ``release()``.
    func hold() { state.isHeld = true }

    func release() {
        let held = state.update { state in
            defer { state.heldCalls = [] }
            state.isHeld = false
            return state.heldCalls
        }
        for call in held { call.resume() }
    }

    /// Waits while calls are held, and then as long as an rpc is to take.
    /// - Parameter rpc: The unary one of a batch on a stream.
    func pass(_ context: ServerContext, _ rpc: String? = nil) async {
        await withCheckedContinuation { continuation in
            let mustWait = state.update { state in
                if state.isHeld { state.heldCalls.append(continuation) }
                return state.isHeld
            }
            if !mustWait { continuation.resume() }
        }
        await pause(context, rpc)
    }

    func pause(_ context: ServerContext, _ rpc: String? = nil) async {
        let (rpc, start) = (rpc ?? context.descriptor.method, ContinuousClock.now)
        state.update { $0.pausing.append(rpc) }
        while let duration = state.pauses[rpc], start.duration(to: .now) < duration,
            !context.cancellation.isCancelled
        {
            try? await Task.sleep(for: .milliseconds(10))
        }
        state.update { state in
            state.pausing.removeAll { $0 == rpc }
            if context.cancellation.isCancelled, rpc != "Check" { state.cancelled.append(rpc) }
        }
    }

    func account(_ number: String) -> Teller_Balance_V1_Account {
        .with {
            $0.account = number
            $0.name = "Alice, \"everyday\""
            $0.currency = state.isCorrupt ? "???" : "USD"
            $0.balance = 123_456
            $0.overdraftLimit = 0
            $0.version = 7
            $0.openedAtMicroseconds = 1_700_000_000_000_000
        }
    }

    /// Runs `body` with each of some services on a port of its own; stops them afterwards.
    static func serve<Result: Sendable>(
        _ fakes: ArraySlice<FakeBalances>, _ addresses: [HostAndPort] = [],
        _ body: @Sendable ([HostAndPort]) async throws -> Result
    ) async throws -> Result {
        guard let fake = fakes.first else { return try await body(addresses) }
        return try await fake.serve { address in
            try await serve(fakes.dropFirst(), addresses + [address], body)
        }
    }

    func serve<Result: Sendable>(
        _ body: @Sendable (HostAndPort) async throws -> Result
    ) async throws -> Result {
        let transport = HTTP2ServerTransport.Posix(
            address: .ipv4(host: "127.0.0.1", port: 0), transportSecurity: .plaintext,
            config: .defaults { $0.http2.maxConcurrentStreams = 1024 })
        let server = GRPCServer(
            transport: transport,
            services: [
                BalancesOf(fake: self), LedgerOf(fake: self), IdentityOf(identity: identity),
                HealthOf(fake: self),
            ])
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

    func getBalances(
        request: ServerRequest<Teller_Balance_V1_BalancesRequest>, context: ServerContext
    ) async throws -> ServerResponse<Teller_Balance_V1_BalancesResponse> {
        throw RPCError(code: .unimplemented, message: "Batches come on streams.")
    }

    func streamBalances(
        request: StreamingServerRequest<Teller_Balance_V1_BalancesBatch>, context: ServerContext
    ) async throws -> StreamingServerResponse<Teller_Balance_V1_BalancesBatchAnswer> {
        fake.state.update { $0.streams += 1 }
        return StreamingServerResponse { writer in
            for try await batch in request.messages {
                var answer = Teller_Balance_V1_BalancesBatchAnswer()
                answer.number = batch.number
                answer.serverTiming = timing(of: batch.request.queries.map(\.context))
                do {
                    answer.response = try await self.answer(
                        FakeBalances.Call(
                            queries: batch.request.queries, metadata: request.metadata,
                            callers: batch.request.callers), context)
                } catch {
                    answer.error = try batchError(error)
                }
                try await writer.write(answer)
                if fake.isClosing { try await writer.write(.with { $0.closing = true }) }
            }
            return [:]
        }
    }

    private func answer(
        _ call: FakeBalances.Call, _ context: ServerContext
    ) async throws -> Teller_Balance_V1_BalancesResponse {
        let failure = fake.state.update { state in
            state.calls.append(call)
            return state.failure
        }
        await fake.pass(context, "GetBalances")
        if let failure { throw failure }
        let status = fake.state.update { state in
            defer { state.status = nil }
            return state.status
        }
        if let status { throw EndOfStream(status: status) }
        let outcomes = call.queries.map { query in
            Teller_Balance_V1_BalanceOutcome.with { outcome in
                if fake.knowsNobody {
                    outcome.refusal.code = .unauthenticated
                } else if query.account == FakeBalances.unknown {
                    outcome.refusal.code = .accountUnknown
                } else if query.atLeastVersion > 7 {
                    outcome.refusal.code = .versionNotReached
                } else {
                    outcome.account = fake.account(query.account)
                }
            }
        }
        let count = fake.outcomeCount ?? outcomes.count
        return .with { $0.outcomes = Array(outcomes.prefix(count)) }
    }

    func listAccounts(
        request: ServerRequest<Teller_Balance_V1_ListAccountsRequest>, context: ServerContext
    ) async throws -> ServerResponse<Teller_Balance_V1_ListAccountsResponse> {
        let failure = fake.state.update { state in
            state.lists.append(request.message)
            return state.failure
        }
        await fake.pass(context)
        if let failure { throw failure }
        guard request.message.pageToken != "bad" else {
            throw GoogleRPCStatus(
                code: .invalidArgument, message: "no page token",
                details: .errorInfo(reason: "PAGE_TOKEN_INVALID", domain: "teller"))
        }
        return ServerResponse(
            message: .with {
                $0.accounts = [fake.account(FakeBalances.known)]
                $0.nextPageToken = "next"
            })
    }
}

/// The tiers' times in an answer on a stream, when a member is sampled.
func timing(of contexts: [Teller_Balance_V1_CallContext]) -> String {
    let isSampled = contexts.contains { $0.traceparent.hasSuffix("-01") }
    return isSampled
        ? "balance-service;dur=0.600;desc=\"balances\", postgresql;dur=0.200;desc=\"SELECT, 1\""
        : ""
}

/// What ends a stream, in place of a batch's answer.
struct EndOfStream: Error {
    let status: RPCError
}

/// What a call of its own would end with, as an answer on a stream tells it.
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

    func check(
        request: Grpc_Health_V1_HealthCheckRequest, context: ServerContext
    ) async throws -> Grpc_Health_V1_HealthCheckResponse {
        await fake.pause(context)
        return .with { $0.status = fake.isServing ? .serving : .notServing }
    }

    func watch(
        request: Grpc_Health_V1_HealthCheckRequest,
        response: RPCWriter<Grpc_Health_V1_HealthCheckResponse>, context: ServerContext
    ) async throws {
        throw RPCError(code: .unimplemented, message: "")
    }
}
