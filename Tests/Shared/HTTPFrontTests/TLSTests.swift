import Certificates
import Foundation
import HTTPFront
import InMemoryLogging
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5)))
struct TLSTests {
    /// A certificate for localhost that vouches for itself, as long as the body runs.
    private func withCertificate(
        caller change: (inout TLSConfiguration) -> Void = { _ in },
        _ body: (_ tls: ServerTLS, _ caller: NIOSSLContext) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "teller-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let certificate = folder.appending(path: "certificate.pem").path
        let key = folder.appending(path: "key.pem").path
        try await runCommand([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
            "-nodes", "-days", "1", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate,
        ])
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .file(certificate)
        change(&configuration)
        try await body(
            ServerTLS(certificateChain: certificate, privateKey: key),
            NIOSSLContext(configuration: configuration))
    }

    @Test func answersByTLS() async throws {
        try await withCertificate { tls, context in
            try await TestServer.run(tls: tls) { server in
                try await Caller.run(server, tls: context) { caller in
                    try await caller.get("/now")
                    #expect(try await caller.read(until: "now").hasPrefix("HTTP/1.1 200 "))
                    try await caller.get("/end")
                    #expect(try await caller.read(until: "0\r\n\r\n").contains("data: last\n\n"))
                    try await caller.get("/now", "connection: close\r\n")
                    #expect(try await caller.readToEnd().hasSuffix("now"))
                }
            }
        }
    }

    @Test(
        arguments: [
            ("ECDHE-ECDSA-AES128-GCM-SHA256", true), ("ECDHE-ECDSA-CHACHA20-POLY1305", true),
            ("ECDHE-ECDSA-AES128-SHA", false), ("ECDHE-ECDSA-AES256-SHA", false),
        ])
    func ofTLS12ItTakesWhatAuthenticates(cipher: String, isTaken: Bool) async throws {
        try await withCertificate {
            $0.maximumTLSVersion = .tlsv12
            $0.cipherSuites = cipher
        } _: { tls, context in
            try await TestServer.run(tls: tls) { server in
                try await Caller.run(server, tls: context) { caller in
                    try? await caller.get("/now")
                    let answer = try? await caller.read(until: "now")
                    #expect(answer?.hasPrefix("HTTP/1.1 200 ") ?? false == isTaken)
                }
            }
        }
    }

    /// As without TLS, a caller may close its side once it has said all.
    @Test func whoClosesOnlyItsSideIsAnswered() async throws {
        try await withCertificate { tls, context in
            try await TestServer.run(
                limits: { $0.presenceTime = .milliseconds(20) }, tls: tls
            ) { server in
                try await Caller.run(server, tls: context) { caller in
                    try await caller.get("/later")
                    let kept = try #require(await server.responder.nextKept())
                    caller.closeOutput()
                    // It was heard, and is not taken for a departure.
                    #expect(try await caller.read(until: "\r\n\r\n").contains(" 102 "))
                    try await kept.use { $0.answer(.text(.ok, "later")) }
                    #expect(try await caller.read(until: "later").contains("HTTP/1.1 200 "))
                }
            }
        }
    }

    @Test func whatIsNotEncryptedGetsNoAnswer() async throws {
        try await withCertificate { tls, _ in
            try await TestServer.run(tls: tls) { server in
                try await Caller.run(server) { caller in
                    try await caller.get("/now")
                    let answer = try? await caller.readToEnd()
                    #expect(answer?.contains("HTTP") != true)
                }
                try await Caller.run(server) { $0.closeOutput() }
            }
        }
    }

    @Test func whatCannotBeReadAnewIsToldOnce() async throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "teller-tls-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let own = try TestCertificates(in: folder)
        let subject = CertificateAuthority.Subject(server: "x", hosts: ["localhost"])
        let files = try own.make(for: subject, in: "hop-1")
        let other = try own.make(for: subject, in: "other")
        let log = InMemoryLogHandler()
        let tls = try ServerTLS(
            certificateChain: files.certificate, privateKey: files.key,
            refreshInterval: .milliseconds(2), logger: Logger(label: "tests") { _ in log })
        func wait(for count: Int) async throws {
            try await eventually { log.entries.count >= count }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await tls.run() }
            let key = try String(contentsOfFile: files.key, encoding: .utf8)
            try String(contentsOfFile: other.key, encoding: .utf8)
                .write(toFile: files.key, atomically: true, encoding: .utf8)
            try await wait(for: 1)
            try "none".write(toFile: files.key, atomically: true, encoding: .utf8)
            try await wait(for: 2)
            try key.write(toFile: files.key, atomically: true, encoding: .utf8)
            try await wait(for: 3)
            group.cancelAll()
        }
        #expect(log.entries.map(\.level) == [.warning, .warning, .notice])
        #expect("\(log.entries[0].metadata)".contains(files.key))
    }

    @Test func aFileThatIsMissingIsNamed() {
        let error = #expect(throws: ServerTLS.Failure.self) {
            try ServerTLS(certificateChain: "/nowhere/chain.pem", privateKey: "/nowhere/key.pem")
        }
        #expect(error?.description.contains("/nowhere/chain.pem") == true)
    }
}
