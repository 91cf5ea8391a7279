import Certificates
import Foundation
import TestSupport
import Testing

extension ChainTests {
    /// A certificate's trouble is told from an outage.
    @Suite(.timeLimit(.minutes(2)))
    struct CertificateTests {
        @Test func aBankServerOfAnotherAuthoritySaysWhy() async throws {
            try await ChainHarness.with { chain async throws in
                let folder = "\(chain.folder)/other"
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: true)
                let other = try await ChainHarness.startBank(
                    chain.services.map(\.address), folder)
                defer { other.process.stop() }
                let health = [Executables.bankServer, "health", "--server", "\(other.address)"]
                try await eventually {
                    try await Executables.run(health).output.contains("certificate not accepted")
                }
                #expect(other.process.output.contains("CERTIFICATE_VERIFY_FAILED"))

                let service = try await Executables.run([
                    Executables.balanceService, "health", "--server",
                    "\(chain.services[0].address)", "--certificates",
                    ChainHarness.certificates(in: folder, of: .balanceService).path,
                ])
                #expect(service.status == 69)
                #expect(service.output.contains("certificate not accepted"), "\(service.output)")

                chain.services[0].process.stop()
                try await eventually {
                    try await Executables.run(health).output.contains("not connected")
                }
            }
        }

        /// They are good for the chain, and made once.
        @Test func certificatesByHand() async throws {
            let folder = FileManager.default.temporaryDirectory
                .appendingPathComponent("certs-\(UUID().uuidString)").path
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let make = [Executables.teller, "certificates", "\(folder)/certificates"]
            #expect(try await Executables.run(make).status == 0)
            let key = "\(folder)/certificates/hop-1/tls.key"
            let attributes = try FileManager.default.attributesOfItem(atPath: key)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            let first = try String(contentsOfFile: key, encoding: .utf8)
            #expect(try await Executables.run(make).output.contains("are good"))
            #expect(try String(contentsOfFile: key, encoding: .utf8) == first)
            try FileManager.default.removeItem(atPath: "\(folder)/certificates/postgres/tls.key")
            #expect(try await Executables.run(make).output.contains("Made"))
            #expect(try String(contentsOfFile: key, encoding: .utf8) != first)

            // One that is asked for and not in it; then less is asked for.
            let named = make + ["--host", "bank.example"]
            #expect(try await Executables.run(named).output.contains("Made"))
            #expect(try await Executables.run(named).output.contains("are good"))
            #expect(try await Executables.run(make).output.contains("are good"))

            try await TestPostgres.withFreshDatabase("chain") { url in
                try await ChainHarness.migrate(url)
                let service = try await ChainHarness.startService(database: url, folder, "service")
                defer { service.process.stop() }
                let bank = try await ChainHarness.startBank([service.address], folder)
                defer { bank.process.stop() }
                let health = [Executables.bankServer, "health", "--server", "\(bank.address)"]
                try await eventually {
                    try await Executables.run(health).status == 0
                }
            }
        }
    }
}
