import Certificates
import Foundation
import TestSupport
import Testing

extension ChainTests {
    /// What cannot work is said in one line, with an exit code of sysexits(3).
    @Suite(.timeLimit(.minutes(2)))
    struct SettingsTests {
        private static let secret = "s3cret-never-to-be-seen"

        private func expectFailure(
            _ words: [String], _ environment: [String: String] = [:], _ status: Int32...
        ) async throws {
            let (ended, output) = try await Executables.run(words, environment: environment)
            #expect(ended.map { status.contains($0) } == true, "\(words): \(ended ?? -1) \(output)")
            #expect(output.split(separator: "\n").count == 1, "\(output)")
            #expect(!output.contains(Self.secret))
        }

        @Test func invalidSettings() async throws {
            let service = Executables.balanceService
            let bank = Executables.bankServer
            try await expectFailure([service, "serve", "--listen", "nonsense"], [:], 64)
            try await expectFailure([service, "serve"], ["BALANCE_SERVICE_LISTEN": "x:99999"], 78)
            try await expectFailure(
                [service, "serve", "--listen", "127.0.0.1:0"], ["LOG_LEVEL": "loud"], 78)
            try await expectFailure([bank, "serve", "--listen", "nonsense"], [:], 64)
            try await expectFailure([bank, "serve"], ["BANK_SERVER_LISTEN": "x"], 78)
            try await expectFailure([bank, "serve"], ["BALANCE_SERVICES": "a:1,,b:2"], 78)
            try await expectFailure([bank, "serve", "--max-in-flight", "0"], [:], 64)
            try await expectFailure([bank, "serve", "--host-name", "bank.example:80"], [:], 64)
            try await expectFailure([bank, "serve"], ["BANK_SERVER_HOST_NAMES": "a,,b"], 78)
            try await expectFailure(
                [service, "serve", "--listen", "127.0.0.1:0"],
                [
                    "DATABASE_URL": "postgresql://x:\(Self.secret)@[::1/bank",
                    "BALANCE_SERVICE_CERTIFICATES": "none",
                ], 78)
        }

        /// Nobody runs without a certificate by mistake.
        @Test func certificates() async throws {
            for (program, other) in [
                (Executables.balanceService, ["--listen", "192.0.2.1:50051"]),
                (Executables.bankServer, ["--balance-service", "192.0.2.1:50051"]),
            ] {
                let serve = [program, "serve"]
                for words in [
                    [], ["--certificates", "/no/such"], ["--certificates", "none"] + other,
                ] {
                    let (status, output) = try await Executables.run(serve + words)
                    #expect(status == 78 && output.contains("certificate"), "\(words) \(output)")
                }
            }
        }

        /// Of both servers, each in its place among the others; `health` and `migrate` read it too.
        @Test func settingsFile() async throws {
            let folder = FileManager.default.temporaryDirectory.appending(path: "set-\(UUID())")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            func file(_ name: String, _ text: String) throws -> String {
                let url = folder.appending(path: name)
                try Data(text.utf8).write(to: url)
                return url.path
            }
            let service = Executables.balanceService
            let bank = Executables.bankServer
            for (program, prefix) in [(bank, "BANK_SERVER"), (service, "BALANCE_SERVICE")] {
                for text in ["LOG_LEVEL", "LOUD=1", "LOG_LEVEL=\nLOG_LEVEL=", "LOG_LEVEL=x"] {
                    let invalid = try file("invalid.env", "\(text)\n")
                    try await expectFailure([program, "serve", "--settings", invalid], [:], 78)
                }
                try await expectFailure([program, "serve", "--settings", "/no/such"], [:], 78)

                let port = freePort()
                let listen = try file(
                    "listen.env",
                    "\(prefix)_LISTEN=127.0.0.1:\(port)\n\(prefix)_CERTIFICATES=none\n")
                let health = [program, "health"]
                for words in [health + ["--settings", listen], health] {
                    let (status, output) = try await Executables.run(
                        words, environment: ["\(prefix)_SETTINGS": listen])
                    #expect(status == 69 && output.contains(":\(port)"), "\(output)")
                }
                try await expectFailure(
                    [program, "health", "--settings", listen], ["\(prefix)_LISTEN": "x"], 78)
            }

            let url = "postgresql://x:\(Self.secret)@127.0.0.1:1/bank"
            let secret = try file("url", "\(url)\n")
            let ways: [(line: String, variables: [String: String])] = [
                ("DATABASE_URL_FILE=\(secret)", [:]), ("", ["DATABASE_URL_FILE": secret]),
                ("DATABASE_URL=\(url)", [:]),
            ]
            for (line, variables) in ways {
                let settings = try file("database.env", line)
                try await expectFailure(
                    [service, "migrate", "--settings", settings, "--timeout", "2"], variables, 69)
            }
            for name in ["DATABASE_URL", "TELLER_APP_PASSWORD"] {
                try await expectFailure(
                    [service, "migrate"], [name: Self.secret, "\(name)_FILE": secret], 78)
                try await expectFailure([service, "migrate"], ["\(name)_FILE": "/no/such"], 78)
            }
        }

        @Test func portsInUse() async throws {
            let taken = try #require(SilentListener())
            let listen = "127.0.0.1:\(taken.port)"
            for executable in [Executables.balanceService, Executables.bankServer] {
                let (status, output) = try await Executables.run(
                    [executable, "serve", "--listen", listen],
                    environment: [
                        "DATABASE_URL": "postgresql://127.0.0.1:1/bank", "LOG_LEVEL": "critical",
                        "BALANCE_SERVICE_CERTIFICATES": "none", "BANK_SERVER_CERTIFICATES": "none",
                    ])
                #expect([69, 73].contains(status), "\(status ?? -1) \(output)")
                let lines = output.split(separator: "\n")
                #expect(lines.count == 1 && output.contains(listen), "\(output)")
            }
        }

        /// What the server said is in the line, and an exit code tells whose turn it is.
        @Test func databasesThatCannotBeUsed() async throws {
            let url = try await TestPostgres.freshDatabase("chain")
            func migrate(_ url: String) async throws -> (status: Int32?, output: String) {
                try await Executables.run(
                    [Executables.balanceService, "migrate"], environment: ["DATABASE_URL": url])
            }
            func named(_ name: String) -> String {
                url.replacing(#/\/chain[^\/?]*/#, with: "/\(name)")
            }
            let missing = try await migrate(named("no_such_database"))
            #expect(missing.status == 78, "\(missing.output)")
            #expect(missing.output.contains("\"no_such_database\" does not exist"))

            let latin = "latin_\(UInt32.random(in: 0...UInt32.max))"
            _ = try await TestPostgres.psql(
                url, "CREATE DATABASE \(latin) ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
            let encoded = try await migrate(named(latin))
            #expect(encoded.status == 78, "\(encoded.output)")
            #expect(encoded.output.contains("the encoding LATIN1"))
            _ = try await TestPostgres.psql(url, "DROP DATABASE \(latin)")

            let separator = url.contains("?") ? "&" : "?"
            let readOnly = try await migrate(
                "\(url)\(separator)options=-c%20default_transaction_read_only%3Don")
            #expect(readOnly.status == 78, "\(readOnly.output)")
            #expect(readOnly.output.contains("read-only transaction"))
        }

        /// A password that is refused shows nowhere.
        @Test func wrongPassword() async throws {
            let url = try await TestPostgres.freshDatabase("chain")
            guard let user = url.firstMatch(of: /:\/\/([^:@\/]+)(:[^@]*)?@/) else { return }
            let wrong = url.replacing(user.0, with: "://\(user.1):\(Self.secret)@")
            let migration = try await Executables.run(
                [Executables.balanceService, "migrate"], environment: ["DATABASE_URL": wrong])
            #expect(migration.status == 77, "\(migration.output)")
            #expect(!migration.output.contains(Self.secret))

            let folder = FileManager.default.temporaryDirectory.path
            let service = try ChildProcess(
                [
                    Executables.balanceService, "serve", "--listen", "127.0.0.1:0", "--log-level",
                    "trace", "--certificates", "none",
                ],
                environment: ["DATABASE_URL": wrong], log: "\(folder)/wrong-\(UUID().uuidString)")
            try await eventually {
                service.output.contains("not serving")
                    || service.output.contains("cannot connect")
            }
            // It says so now and then, not without end.
            try await Task.sleep(for: .seconds(1))
            service.send(SIGTERM)
            let status = try await service.waitForExit(within: .seconds(15))
            #expect(status == 0, "\(service.output.suffix(2000))")
            #expect(!service.output.contains(Self.secret))
            #expect(service.output.utf8.count < 100_000)
            service.stop()
            try? FileManager.default.removeItem(atPath: service.log)
            try await TestPostgres.psql(
                await TestPostgres.url,
                "DROP DATABASE \"\(url.prefix { $0 != "?" }.split(separator: "/").last ?? "")\" WITH (FORCE)"
            )
        }

        @Test func healthOfNothing() async throws {
            let port = freePort()
            let service = try await Executables.run([
                Executables.balanceService, "health", "--server", "127.0.0.1:\(port)",
                "--certificates", "none",
            ])
            #expect(service.status == 69)
            let bank = try await Executables.run([
                Executables.bankServer, "health", "--server", "127.0.0.1:\(port)",
            ])
            #expect(bank.status != 0)
        }

        @Test func healthOfAChain() async throws {
            try await ChainHarness.with { chain async throws in
                let service = try await Executables.run([
                    Executables.balanceService, "health", "--server",
                    "\(chain.services[0].address)", "--certificates",
                    ChainHarness.certificates(in: chain.folder, of: .balanceService).path,
                ])
                #expect(service.status == 0, "\(service.output)")
                let bank = try await Executables.run([
                    Executables.bankServer, "health", "--server", "\(chain.bank.address)",
                ])
                #expect(bank.status == 0, "\(bank.output)")
            }
        }
    }
}
