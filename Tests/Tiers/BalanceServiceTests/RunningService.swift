import BalanceAPI
import BalanceTransport
import Chain
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Logging
import NIOCore
import NIOPosix
import Postgres
import ServiceLifecycle
import SwiftProtobuf
import TestSupport
import Testing

@testable import BalanceService

/// The whole service in this process, behind a real socket, and one connection to it.
struct RunningService: Sendable {
    typealias Query = Teller_Balance_V1_BalanceQuery
    typealias Outcome = Teller_Balance_V1_BalanceOutcome

    let database: String
    let address: HostAndPort
    let services: ServiceGroup
    let client: GRPCClient<HTTP2ClientTransport.Posix>

    var balances: Teller_Balance_V1_Balances.Client<HTTP2ClientTransport.Posix> {
        .init(wrapping: client)
    }
    var health: Grpc_Health_V1_Health.Client<HTTP2ClientTransport.Posix> { .init(wrapping: client) }

    /// GetBalances, with the timing of its trailing metadata.
    func ask(_ queries: [Query], metadata: Metadata = [:]) async throws -> (
        outcomes: [Outcome], timing: ServerTiming?
    ) {
        try await balances.getBalances(
            request: ClientRequest(message: .with { $0.queries = queries }, metadata: metadata)
        ) { response in
            let text = response.trailingMetadata[stringValues: ServerTiming.headerName].first { _ in
                true
            }
            return (try response.message.outcomes, text.map { ServerTiming(parsing: $0) })
        }
    }

    /// GetBalances for accounts of the demo bank, by their numbers.
    func balances(_ numbers: Int64..., metadata: Metadata = [:]) async throws -> [Int64] {
        let queries = try numbers.map { number in
            try Query.with { $0.account = try account(number) }
        }
        return try await ask(queries, metadata: metadata).outcomes.map(\.account.balance)
    }

    func isServing() async throws -> Bool { try await health.check(.init()).status == .serving }
}

/// Makes what posts batches, in place of the ``PostingStore``.
typealias PostingMaker = @Sendable (PostgresPool, LedgerIdentityReader) -> any PostingTransactions

/// Runs the service as the executable does but for the signals, and ends it as a SIGTERM does.
func withService<Result: Sendable>(
    _ database: String, connections: Int = 4, bank: String = "DEMO", posting: PostingMaker? = nil,
    limits: HopLimits = HopLimits(), tls: TierTLS? = nil, asking: TestSession? = .tester,
    with change: (inout BalanceServiceApp) -> Void = { _ in },
    _ body: @Sendable (RunningService) async throws -> Result
) async throws -> Result {
    let readyFile = FileManager.default.temporaryDirectory.appendingPathComponent(
        "ready-\(UUID().uuidString)"
    ).path
    var app = BalanceServiceApp(
        address: HostAndPort(host: "127.0.0.1", port: 0),
        database: PostgresConfiguration(
            connectionString: database, role: "teller_app", applicationName: "balance-service"),
        connections: connections, batchesInFlight: 2, postingBatchesInFlight: 2,
        readyFile: ReadyFile(path: readyFile), bank: bank)
    app.limits = limits
    app.tls = tls
    app.drainNotice = .milliseconds(20)
    if let posting { app.makePosting = posting }
    change(&app)
    // Where there is no database yet, nobody is signed in.
    try? await asking?.open(in: database)
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let outcome: Swift.Result<Result, any Error>
    do { outcome = .success(try await run(app, on: group, readyFile, asking, body)) } catch {
        outcome = .failure(error)
    }
    try await group.shutdownGracefully()
    return try outcome.get()
}

private func run<Result: Sendable>(
    _ app: BalanceServiceApp, on group: MultiThreadedEventLoopGroup, _ readyFile: String,
    _ asking: TestSession?,
    _ body: @Sendable (RunningService) async throws -> Result
) async throws -> Result {
    let services = try app.services(on: group, logger: .silent)
    let executor = EventLoopTaskExecutor(group.next())
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask(executorPreference: executor) { try await services.run() }
        let outcome: Swift.Result<Result, any Error>
        do { outcome = .success(try await use(app, services, readyFile, asking, body)) } catch {
            outcome = .failure(error)
        }
        // Also after a failure: cancelling a server with connections can trap in swift-nio-http2.
        await services.triggerGracefulShutdown()
        try await tasks.waitForAll()
        return try outcome.get()
    }
}

private func use<Result: Sendable>(
    _ app: BalanceServiceApp, _ services: ServiceGroup, _ readyFile: String,
    _ asking: TestSession?,
    _ body: @Sendable (RunningService) async throws -> Result
) async throws -> Result {
    try await eventually { FileManager.default.fileExists(atPath: readyFile) }
    let line = try String(contentsOfFile: readyFile, encoding: .utf8)
    guard let address = HostAndPort(line.trimmingCharacters(in: .newlines)) else {
        throw TestFailure("not ready: \(line)")
    }
    // A call does not end by itself, should the service not end it.
    let transport = try HTTP2ClientTransport.Posix(
        target: .ipv4(address: address.host, port: address.port), transportSecurity: .plaintext,
        serviceConfig: ServiceConfig(methodConfig: [
            MethodConfig(names: [MethodConfig.Name(service: "")], waitForReady: true)
        ]))
    return try await withGRPCClient(
        transport: transport, interceptors: asking.map { [SigningInterceptor(session: $0)] } ?? []
    ) { client in
        try await body(
            RunningService(
                database: app.database.connectionString, address: address, services: services,
                client: client))
    }
}

extension RunningService.Outcome {
    var isAccount: Bool { if case .account = outcome { true } else { false } }
}

/// The service on a database of its own, with the demo data.
func withBankService<Result: Sendable>(
    connections: Int = 4, _ body: @Sendable (RunningService) async throws -> Result
) async throws -> Result {
    try await withBank { url in try await withService(url, connections: connections, body) }
}

extension Metadata {
    static func timeout(_ text: String) -> Metadata { [GRPCTimeout.headerName: "\(text)"] }

    static func trace(sampled: Bool) -> Metadata {
        [TraceContext.headerName: "\(TraceContext.random(isSampled: sampled))"]
    }
}

/// Expects that a call fails, with a status and a reason where they are given.
func expectFailure<Result: Sendable>(
    _ code: RPCError.Code? = nil, because reason: BalanceErrorReason? = nil,
    at location: SourceLocation = #_sourceLocation, _ body: () async throws -> Result
) async {
    let error = await #expect(throws: RPCError.self, sourceLocation: location) {
        _ = try await body()
    }
    if let code { #expect(error?.code == code, sourceLocation: location) }
    guard let reason else { return }
    #expect(error.flatMap { BalanceErrorReason(of: $0) } == reason, sourceLocation: location)
}

/// Holds tables against every reader, as long as `body` runs.
func whileTablesAreLocked<Result>(
    _ tables: String = "teller.accounts", in url: String,
    _ body: nonisolated(nonsending) () async throws -> sending Result
) async throws -> sending Result {
    try await withConnection(url) { connection in
        try await connection.withTransaction(deadline: .now + .seconds(60)) { connection in
            try await connection.executeScript("LOCK TABLE \(tables) IN ACCESS EXCLUSIVE MODE")
            return try await body()
        }
    }
}

/// Waits until so many statements of the service wait for a lock.
func waitForBlocked(_ count: some RangeExpression<Int>, in url: String) async throws {
    try await eventually {
        let blocked = try await TestPostgres.psql(
            url,
            """
            SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
            AND application_name = 'balance-service' AND wait_event_type = 'Lock'
            """)
        return Int(blocked).map { count.contains($0) } ?? false
    }
}
