import Certificates
import Foundation
import TestSupport
import Testing

extension ChainTests {
    /// Hop 3 over a network, by the rules that docker-compose.yml gives PostgreSQL.
    @Suite(.timeLimit(.minutes(2)))
    struct DatabaseTLSTests {
        @Test func onlyTheTierOfARoleConnectsAsIt() async throws {
            let folder = FileManager.default.temporaryDirectory
                .appendingPathComponent("hop3-\(UUID().uuidString)").path
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let own = try TestCertificates(in: folder)
            let other = try TestCertificates(in: "\(folder)/other")
            let server = try own.make(
                for: .init(server: "postgres", hosts: ["localhost"]), in: "postgres")
            let postgres = try await PostgresServer.start()
            defer { postgres.stop() }
            try await postgres.demandCertificates(server)
            try await check(postgres, own, other, folder)
        }

        private func check(
            _ postgres: PostgresServer, _ own: TestCertificates, _ other: TestCertificates,
            _ folder: String
        ) async throws {
            func url(_ role: String, at host: String = "localhost", _ files: CertificateFolder?)
                -> String
            {
                let keys = files.map {
                    "sslrootcert=\($0.authorities)&sslcert=\($0.certificate)&sslkey=\($0.key)"
                }
                let mode = files == nil ? "sslmode=disable" : "sslmode=verify-full"
                return
                    "postgresql://\(role)@\(host):\(postgres.port)/postgres?\(mode)&\(keys ?? "")"
            }
            let service = try own.make(for: .balanceService)
            let bank = try own.make(for: .bankServer)
            try await ChainHarness.migrate(
                url("postgres", try own.make(for: .init(rawValue: "migrate"))))
            let app = url("teller_app", service)
            #expect(
                try await TestPostgres.psql(
                    app, "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
                    == "TLSv1.3")
            for refused in [
                url("postgres", service), url("teller_app", bank), url("teller_app", nil),
                url("teller_app", try other.make(for: .balanceService, trusting: own)),
                url("teller_app", try other.make(for: .balanceService, in: "distrusts")),
                url("teller_app", try own.make(for: .balanceService, in: "old", age: 90_000)),
                // The certificate is not for that name.
                url("teller_app", at: "127.0.0.1", service),
            ] {
                await #expect(throws: CommandError.self, "\(refused)") {
                    try await TestPostgres.psql(refused, "SELECT 1")
                }
            }
            let tier = try await ChainHarness.startService(
                database: app, folder + "/chain", "service",
                environment: ["IDENTITY_DATABASE_URL": url("teller_identity", service)])
            defer { tier.process.stop() }
            let health = [
                Executables.balanceService, "health", "--server", "\(tier.address)",
                "--certificates",
                try ChainHarness.certificates(in: folder + "/chain", of: .balanceService).path,
            ]
            try await eventually {
                try await Executables.run(health).status == 0
            }
        }
    }
}
