import BankAPI
import Certificates
import Chain
import Foundation
import TestSupport
import Testing

extension ChainTests {
    /// Hop 1 where others can reach it.
    @Suite(.timeLimit(.minutes(2)))
    struct FrontTests {
        private static func serve(
            _ chain: ChainHarness, at host: String, _ words: [String]
        ) async throws -> ChainHarness.Tier {
            try await ChainHarness.start(
                [
                    Executables.bankServer, "serve", "--listen", "\(host):0", "--certificates",
                    ChainHarness.certificates(in: chain.folder, of: .bankServer).path,
                    "--balance-service", "\(chain.services[0].address)",
                ] + words, chain.folder, "front", environment: [:])
        }

        @Test func plainHTTPStaysOnThisMachine() async throws {
            for listen in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
                for words in [[], ["--tls-certificate", "x"], ["--tls-key", "x"]] {
                    let (status, output) = try await Executables.run(
                        [Executables.bankServer, "--listen", listen, "--certificates", "none"]
                            + words)
                    #expect(status == 78 && output.contains("--tls-key"), "\(listen) \(output)")
                }
            }
            // Whoever asks there may be anybody.
            for (host, words, says) in [
                ("127.0.0.1", ["--proxy", "192.0.2.1"], true),
                ("127.0.0.1", ["--proxy", "127.0.0.1"], false),
                ("127.0.0.1", ["--plaintext"], false), ("0.0.0.0", ["--plaintext"], false),
            ] {
                try await ChainHarness.with { chain async throws in
                    let front = try await Self.serve(chain, at: host, words)
                    defer { front.process.stop() }
                    #expect(
                        front.process.output.contains("not encrypted") == (host == "0.0.0.0"))
                    chain.services[0].process.stop()
                    let health = [
                        Executables.bankServer, "health", "--server",
                        "127.0.0.1:\(front.address.port)",
                    ]
                    try await eventually {
                        try await Executables.run(health).status == 69
                    }
                    let output = try await Executables.run(health).output
                    #expect(output.contains("balance-service 1") == says, "\(output)")
                }
            }
        }

        @Test func passwordsOfTheDemoAreNotServedInPlaintext() async throws {
            try await ChainHarness.with { chain async throws in
                let passwords = try await chain.makePeople()
                let front = try await Self.serve(chain, at: "0.0.0.0", ["--plaintext"])
                defer { front.process.stop() }
                func status(_ method: String, _ path: String, _ body: String = "") async -> Int? {
                    var connection = BankConnection(
                        HostAndPort(host: "127.0.0.1", port: front.address.port))
                    defer { connection.close() }
                    let reply = await connection.send(
                        method, path, body: Array(body.utf8), timeout: .seconds(30))
                    guard case .answered(let answer) = reply else { return nil }
                    return answer.status
                }
                try await eventually { front.process.output.contains("passwords that") }
                #expect(await status("GET", BankRoute.health) == 200)
                #expect(await status("GET", BankRoute.readiness) == 503)
                #expect(await status("GET", BankRoute.bank) == 503)
                let login = #"{"user":"alice","password":"\#(passwords["alice"] ?? "")"}"#
                #expect(await status("POST", BankRoute.sessions, login) == 503)

                // Each way to be rid of them; the bank that is not reached from elsewhere serves them.
                let token = try await chain.logIn("operator", passwords["operator"] ?? "").token
                for user in ["bruno", "chiara", "daniel"] {
                    let _: EndedSessions = try await chain.ask(
                        "POST", BankRoute.disable(user), UserAct(), token: token)
                }
                let _: NewPassword = try await chain.ask(
                    "POST", BankRoute.reset("emi"), UserAct(), token: token)
                for user in ["alice", "operator"] {
                    #expect(await status("GET", BankRoute.readiness) == 503)
                    let old = passwords[user] ?? ""
                    let hers = try await chain.logIn(user, old).token
                    let _: EndedSessions = try await chain.ask(
                        "PUT", BankRoute.password,
                        ChangePassword(
                            oldPassword: Secret(old), newPassword: Secret("a horse of \(user)")),
                        token: hers)
                }
                try await eventually { await status("GET", BankRoute.bank) == 200 }
                _ = try await chain.user(
                    "demo", "--reset", environment: ["DEMO_PASSWORD": "one horse for all"])
                try await eventually { await status("GET", BankRoute.bank) == 503 }
            }
        }

        @Test func tellerTrustsWhomItIsTold() async throws {
            try await ChainHarness.with { chain async throws in
                let own = try TestCertificates(in: "\(chain.folder)/front")
                let files = try own.make(
                    for: .init(server: "bank-server", hosts: ["localhost"], isOnLoopback: true),
                    in: "hop-1")
                let front = try await Self.serve(
                    chain, at: "127.0.0.1",
                    ["--tls-certificate", files.certificate, "--tls-key", files.key])
                defer { front.process.stop() }
                let health = [
                    Executables.bankServer, "health", "--server", "\(front.address)",
                    "--tls-certificate",
                ]
                try await eventually {
                    try await Executables.run(health + [files.certificate]).status == 0
                }
                let other = try own.make(for: .bankServer).certificate
                #expect(try await Executables.run(health + [other]).status == 69)

                for host in ["localhost", "127.0.0.1"] {
                    let ask = [
                        Executables.teller, "accounts", "--server",
                        "https://\(host):\(front.address.port)",
                    ]
                    let trusting = try await Executables.run(
                        ask,
                        environment: ChainHarness.tellerToken.merging(
                            ["TELLER_CA": files.authorities]
                        ) { given, _ in given })
                    #expect(trusting.status == 0, "\(trusting.output)")
                    let (status, output) = try await Executables.run(ask)
                    #expect(status == 69 && output.contains("--ca"), "\(output)")
                }
            }
        }
    }
}
