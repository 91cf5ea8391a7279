import ArgumentParser
import BankAPI
import Chain
import NIOCore
import NIOPosix
import NIOSSL

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `bank-server health`: for container health checks, without curl.
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Exit with 0 when the server is ready, else 69.")

    @OptionGroup var settings: SettingsOption

    @Option(help: "The server's address. BANK_SERVER_LISTEN, 127.0.0.1:8080.")
    var server: String?

    @OptionGroup var tls: TLSCertificateOption

    func run() async throws {
        try await reportingFailure {
            let file = try settings.file()
            let address = try Self.server.value(flag: server, file: file)
            let certificate = try AppConfiguration.tlsCertificate.value(
                flag: tls.tlsCertificate, file: file)
            let probe = ReadinessProbe(server: address, certificate: certificate)
            let answer = await probe.answer()
            guard probe.saysReady(answer) else {
                throw TierFailure(
                    "\(address) is not ready\(probe.reasons(in: answer))", .unavailable)
            }
        }
    }

    private static let server = Setting(
        "--server", "BANK_SERVER_LISTEN", default: HostAndPort(host: "127.0.0.1", port: 8080),
        expected: "host:port"
    ) { HostAndPort($0) }
}

/// Asks a server once whether it is ready.
struct ReadinessProbe: Sendable {
    static let bound = TimeAmount.seconds(2)

    let server: HostAndPort
    /// A file with the certificate that the server shows; `nil`: it speaks plain HTTP.
    var certificate: String?

    /// - Returns: Whether the server answered in time and with status 200.
    func isReady() async -> Bool { saysReady(await answer()) }

    func saysReady(_ answer: String) -> Bool { answer.utf8.starts(with: "HTTP/1.1 200 ".utf8) }

    /// What it says of the services behind it, where it says that.
    func reasons(in answer: String) -> String {
        let body = answer.utf8.drop { $0 != UInt8(ascii: "{") }
        guard let readiness = try? BankJSON.decoder().decode(Readiness.self, from: Data(body))
        else { return "" }
        return readiness.balanceServices.filter { $0.status != "ready" }
            .map { ": \($0.name) \($0.status)" }.joined()
    }

    /// - Returns: All of the answer; nothing when none came in time.
    func answer() async -> String { (try? await ask()) ?? "" }

    /// By whatever name the server is asked: it is known by its very certificate.
    private static func tls(_ certificate: String) throws -> NIOSSLClientHandler {
        let own = try NIOSSLCertificate.fromPEMFile(certificate).first
        return try NIOSSLClientHandler(
            context: NIOSSLContext(configuration: .makeClientConfiguration()), serverHostname: nil
        ) { chain, promise in
            promise.succeed(chain.first == own ? .certificateVerified : .failed)
        }
    }

    private func ask() async throws -> String {
        let group = MultiThreadedEventLoopGroup.singleton
        let channel = try await ClientBootstrap(group: group).connectTimeout(Self.bound)
            .connect(host: server.host, port: server.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let certificate {
                        try channel.pipeline.syncOperations.addHandler(Self.tls(certificate))
                    }
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel)
                }
            }
        let bound = channel.channel.eventLoop.scheduleTask(in: Self.bound) {
            channel.channel.close(promise: nil)
        }
        defer { bound.cancel() }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(
                ByteBuffer(
                    string: "GET \(BankRoute.readiness) HTTP/1.1\r\nHost: \(server)\r\n"
                        + "Connection: close\r\n\r\n"))
            var answer = ByteBuffer()
            for try await var bytes in inbound where answer.readableBytes < 1 << 16 {
                answer.writeBuffer(&bytes)
            }
            return String(buffer: answer)
        }
    }
}
