import BalanceTransport
import BankAPI
import Certificates
import Chain
import Foundation
import Logging
import NIOCore
import NIOPosix
import Postgres
import ServiceLifecycle
import TestSupport

@testable import BalanceService

/// A chain whose balance services are in this process, and so can have a poster of the test's. Each
/// is behind a proxy that loses answers; the bank server and PostgreSQL are processes to be killed.
struct InProcessBank: BankUnderTest {
    typealias MakePosting =
        @Sendable (PostgresPool, LedgerIdentityReader) -> any PostingTransactions

    let postgres: PostgresServer
    let proxies: [CuttingProxy]
    let bank: RestartableTier

    var address: HostAndPort { bank.address }
    var database: String { postgres.url() }

    var faults: [Fault] {
        let (proxies, bank) = (proxies, bank)
        return postgres.faults + [
            Fault(name: "answers lost between bank-server and balance-services") { duration in
                for proxy in proxies {
                    try await proxy.loseAnswers(for: min(duration, .milliseconds(200)))
                }
            },
            Fault(name: "bank-server: kill -9") { try await bank.kill(for: $0) },
            Fault(name: "bank-server: SIGSTOP") { try await bank.freeze(for: $0) },
        ]
    }

    func isWhole() async throws -> Bool {
        try await readyServices(address) == proxies.count
    }

    static func with<Result: Sendable>(
        _ makePosting: MakePosting?,
        _ body: @Sendable (InProcessBank, _ folder: String) async throws -> Result
    ) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("bank-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let postgres = try await PostgresServer.start()
        defer { postgres.stop() }
        try await ChainHarness.migrate(postgres.url())
        return try await withService(postgres.url(), makePosting, folder) { first in
            try await withService(postgres.url(), makePosting, folder) { second in
                try await withBank(postgres, [first, second], folder) {
                    try await body($0, folder)
                }
            }
        }
    }

    private static func withBank<Result: Sendable>(
        _ postgres: PostgresServer, _ services: [HostAndPort], _ folder: String,
        _ body: @Sendable (InProcessBank) async throws -> Result
    ) async throws -> Result {
        var proxies: [CuttingProxy] = []
        let result: Swift.Result<Result, any Error>
        do {
            for service in services { proxies.append(try await CuttingProxy.start(to: service)) }
            let addresses = proxies.map(\.address)
            let bank = try await RestartableTier { port in
                try await ChainHarness.startBank(addresses, folder, port: port)
            }
            defer { bank.stop() }
            let whole = InProcessBank(postgres: postgres, proxies: proxies, bank: bank)
            result = .success(try await body(whole))
        } catch {
            result = .failure(error)
        }
        for proxy in proxies { await proxy.stop() }
        return try result.get()
    }

    /// Runs a balance service as its executable does, but for the signals.
    private static func withService<Result: Sendable>(
        _ database: String, _ makePosting: MakePosting?, _ folder: String,
        _ body: @Sendable (HostAndPort) async throws -> Result
    ) async throws -> Result {
        let readyFile = "\(folder)/\(UUID().uuidString).ready"
        var app = BalanceServiceApp(
            address: HostAndPort(host: "127.0.0.1", port: 0),
            database: PostgresConfiguration(
                connectionString: database, role: "teller_app",
                applicationName: "balance-service"),
            connections: 4, batchesInFlight: 2, postingBatchesInFlight: 4,
            readyFile: ReadyFile(path: readyFile))
        if let makePosting { app.makePosting = makePosting }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        app.tls = try TierTLS(
            try ChainHarness.certificates(in: folder, of: .balanceService), logger: .silent)
        let services = try app.services(on: group, logger: .silent)
        let executor = EventLoopTaskExecutor(group.next())
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    tasks.addTask(executorPreference: executor) { try await services.run() }
                    let result: Swift.Result<Result, any Error>
                    do {
                        result = .success(try await body(try await address(readyFile)))
                    } catch {
                        result = .failure(error)
                    }
                    await services.triggerGracefulShutdown()
                    try await tasks.waitForAll()
                    return try result.get()
                })
        } catch {
            result = .failure(error)
        }
        try await group.shutdownGracefully()
        return try result.get()
    }

    private static func address(_ readyFile: String) async throws -> HostAndPort {
        try await eventually { FileManager.default.fileExists(atPath: readyFile) }
        guard let line = try? String(contentsOfFile: readyFile, encoding: .utf8),
            let address = HostAndPort(line.trimmingCharacters(in: .newlines))
        else { throw TestFailure("the balance service does not listen") }
        return address
    }
}
