import BankAPI
import Chain
import Foundation
import TestSupport

/// The whole chain as processes of its own: PostgreSQL, two balance services, one of them behind a
/// proxy that loses answers, and a bank server.
struct FaultyChain: BankUnderTest {
    let postgres: PostgresServer
    let services: [RestartableTier]
    let proxy: CuttingProxy
    let bank: RestartableTier
    let folder: String

    var address: HostAndPort { bank.address }
    var database: String { postgres.url() }

    static func with<Result>(
        _ body: (FaultyChain) async throws -> Result
    ) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("bank-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let postgres = try await PostgresServer.start()
        defer { postgres.stop() }
        return try await with(postgres, folder, body)
    }

    private static func with<Result>(
        _ postgres: PostgresServer, _ folder: String,
        _ body: (FaultyChain) async throws -> Result
    ) async throws -> Result {
        let database = postgres.url()
        try await ChainHarness.migrate(database)
        var started: [RestartableTier] = []
        defer { for tier in started { tier.stop() } }
        for index in 0..<2 {
            started.append(
                try await RestartableTier { port in
                    try await ChainHarness.startService(
                        database: database, folder, "service-\(index)",
                        at: HostAndPort(host: "127.0.0.1", port: port))
                })
        }
        let services = started
        let proxy = try await CuttingProxy.start(to: services[0].address)
        let bank: RestartableTier
        do {
            let addresses = [proxy.address, services[1].address]
            bank = try await RestartableTier { port in
                try await ChainHarness.startBank(addresses, folder, port: port)
            }
        } catch {
            await proxy.stop()
            throw error
        }
        started.append(bank)
        let chain = FaultyChain(
            postgres: postgres, services: services, proxy: proxy, bank: bank, folder: folder)
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(try await body(chain))
        } catch {
            result = .failure(error)
        }
        await proxy.stop()
        return try result.get()
    }

    /// Of each tier.
    var faults: [Fault] {
        let (services, proxy, bank) = (services, proxy, bank)
        return postgres.faults + [
            Fault(name: "balance-service: kill -9") { try await services[0].kill(for: $0) },
            Fault(name: "bank-server: kill -9") { try await bank.kill(for: $0) },
            Fault(name: "balance-service: SIGSTOP") { try await services[1].freeze(for: $0) },
            Fault(name: "bank-server: SIGSTOP") { try await bank.freeze(for: $0) },
            Fault(name: "answers lost between bank-server and balance-service") {
                try await proxy.loseAnswers(for: min($0, .milliseconds(400)))
            },
            Fault(name: "both balance-services: kill -9") { duration in
                async let first: Void = services[0].kill(for: duration)
                try await services[1].kill(for: duration)
                try await first
            },
        ]
    }

    func isWhole() async throws -> Bool {
        try await readyServices(address) == 2
    }
}

/// How many balance services a bank server uses; none when it does not answer.
func readyServices(_ address: HostAndPort) async throws -> Int {
    var connection = BankConnection(address)
    defer { connection.close() }
    let reply = await connection.send("GET", BankRoute.readiness, timeout: .seconds(2))
    guard case .answered(let answer) = reply else { return 0 }
    return try JSONDecoder().decode(Readiness.self, from: Data(answer.body.utf8))
        .balanceServices.count { $0.status == "ready" }
}
