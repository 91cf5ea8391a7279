import BankAPI
import Certificates
import Chain
import Foundation
import TestSupport

/// The chain as processes: balance services and a bank server on a database with the demo data.
final class ChainHarness: Sendable {
    /// A tier's process and where it listens.
    struct Tier: Sendable {
        let process: ChildProcess
        let address: HostAndPort
    }

    let database: String
    let folder: String
    let services: [Tier]
    let bank: Tier

    private init(database: String, folder: String, services: [Tier], bank: Tier) {
        self.database = database
        self.folder = folder
        self.services = services
        self.bank = bank
    }

    /// Runs `body` with a chain on a fresh database of the shared PostgreSQL.
    ///
    /// - Parameter environment: More variables of the tiers.
    static func with<Result>(
        services count: Int = 1, onSockets: Bool = false, environment: [String: String] = [:],
        _ body: (ChainHarness) async throws -> Result
    ) async throws -> Result {
        try await TestPostgres.withFreshDatabase("chain") { url in
            try await with(
                services: count, onSockets: onSockets, database: url, environment: environment, body
            )
        }
    }

    /// Runs `body` with a chain on a database that it migrates.
    static func with<Result>(
        services count: Int, onSockets: Bool = false, database: String,
        environment: [String: String] = [:], _ body: (ChainHarness) async throws -> Result
    ) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("chain-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await migrate(database)
        var started: [Tier] = []
        defer { for tier in started { tier.process.stop() } }
        for index in 0..<count {
            let address = HostAndPort(
                orUnixSocket: onSockets ? "unix:\(folder)/\(index).sock" : "127.0.0.1:0")
            started.append(
                try await startService(
                    database: database, folder, "service-\(index)",
                    at: address ?? HostAndPort(host: "127.0.0.1", port: 0),
                    environment: environment))
        }
        let services = started
        let bank = try await startBank(
            services.map(\.address), folder, environment: environment)
        started.append(bank)
        let chain = ChainHarness(database: database, folder: folder, services: services, bank: bank)
        do {
            try await chain.waitUntilReady(count)
        } catch {
            throw TestFailure(started.map(\.process.output).joined(separator: "\n"))
        }
        return try await body(chain)
    }

    /// Brings a database to the schema, with the demo data and ``TestSession/tester``.
    static func migrate(_ database: String) async throws {
        let migration = try await Executables.run(
            [Executables.balanceService, "migrate", "--demo"],
            environment: ["DATABASE_URL": database])
        guard migration.status == 0 else { throw TestFailure(migration.output) }
        try await TestSession.tester.open(in: database)
    }

    /// Starts a balance service; the caller stops it.
    static func startService(
        database: String, _ folder: String, _ name: String,
        at address: HostAndPort = HostAndPort(host: "127.0.0.1", port: 0),
        environment: [String: String] = [:]
    ) async throws -> Tier {
        try await start(
            [
                Executables.balanceService, "serve", "--listen", "\(address)", "--certificates",
                certificates(in: folder, of: .balanceService).path,
            ], folder, name,
            environment: environment.merging(
                ["DATABASE_URL": database, "DATABASE_ROLE": "teller_app"]) { $1 })
    }

    /// Starts a bank server; the caller stops it.
    static func startBank(
        _ services: [HostAndPort], _ folder: String, port: Int = 0,
        environment: [String: String] = [:]
    ) async throws -> Tier {
        try await start(
            [
                Executables.bankServer, "serve", "--listen", "127.0.0.1:\(port)", "--certificates",
                certificates(in: folder, of: .bankServer).path,
            ]
                + services.flatMap { ["--balance-service", "\($0)"] }, folder, "bank",
            environment: environment)
    }

    /// A tier's, by the authority of the chain in a folder.
    static func certificates(
        in folder: String, of tier: TierName
    ) throws -> CertificateFolder {
        let path = "\(folder)/certificates"
        if !FileManager.default.fileExists(atPath: path) {
            let own = try TestCertificates(in: path)
            for tier in [TierName.bankServer, .balanceService] { _ = try own.make(for: tier) }
        }
        return CertificateFolder(path: "\(path)/\(tier.rawValue)")
    }

    static func start(
        _ words: [String], _ folder: String, _ name: String, environment: [String: String]
    ) async throws -> Tier {
        let readyFile = "\(folder)/\(name)-\(UUID().uuidString.prefix(8)).ready"
        let process = try ChildProcess(
            words + ["--ready-file", readyFile], environment: environment,
            log: "\(folder)/\(name)-\(UUID().uuidString.prefix(8)).log")
        try await eventually {
            FileManager.default.fileExists(atPath: readyFile) || process.exitStatus != nil
        }
        guard let line = try? String(contentsOfFile: readyFile, encoding: .utf8),
            let address = HostAndPort(orUnixSocket: line.trimmingCharacters(in: .newlines))
        else {
            process.stop()
            throw TestFailure("\(name) does not listen: \(process.output)")
        }
        return Tier(process: process, address: address)
    }

    // MARK: Asking

    /// Sends one GET on a connection of its own.
    func get(
        _ path: String, headers: [String: String] = [:], timeout: Duration = .seconds(20)
    ) async throws -> HTTPAnswer {
        var connection = BankConnection(bank.address)
        defer { connection.close() }
        let reply = await connection.send(
            "GET", path, headers: headers, timeout: timeout, patience: .seconds(30))
        guard case .answered(let answer) = reply else {
            throw TestFailure("no answer for \(path): \(reply)")
        }
        return answer
    }

    func readiness() async throws -> (status: Int, readiness: Readiness) {
        let answer = try await get(BankRoute.readiness)
        return (
            answer.status, try JSONDecoder().decode(Readiness.self, from: Data(answer.body.utf8))
        )
    }

    /// Waits until the bank server uses so many balance services.
    func waitUntilReady(_ count: Int) async throws {
        try await eventually {
            let services = try await readiness().readiness.balanceServices
            return services.filter { $0.status == "ready" }.count == count
        }
    }

    /// Runs `teller` against the chain, as ``TestSession/tester``.
    func teller(
        _ words: String..., environment: [String: String] = [:]
    ) async throws -> (status: Int32?, output: String) {
        try await Executables.run(
            [Executables.teller] + words + ["--server", "http://\(bank.address)"],
            environment: environment.merging(Self.tellerToken) { given, _ in given })
    }

    /// What `teller` asks with.
    static let tellerToken = ["TELLER_TOKEN": TestSession.tester.text]

    static let balancePath: String = {
        let number = (try? account(17)) ?? ""
        return "/v1/accounts/\(number)/balance"
    }()
}
