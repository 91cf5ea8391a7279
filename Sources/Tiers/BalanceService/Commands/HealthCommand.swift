import ArgumentParser
import BalanceAPI
import BalanceTransport
import Chain
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Logging
import NIOPosix

/// `balance-service health`: asks a running service whether it serves.
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Ask a balance service whether it serves: exit code 0 when it does, else 69.")

    @OptionGroup var settings: SettingsOption

    @Option(
        help: ArgumentHelp(
            "The service; else BALANCE_SERVICE_LISTEN. (default: 127.0.0.1:50051)",
            valueName: "host:port"))
    var server: String?

    @OptionGroup var certificates: CertificatesOption

    func run() async throws {
        try await reportingFailure {
            let file = try settings.file()
            let address = try ServiceSettings.listen.value(flag: server, file: file)
            let logger = Logger(label: "balance-service") { _ in SwiftLogNoOpLogHandler() }
            let tls = try certificates.tls(at: address, file, logger: logger)
            guard try await isServing(address, tls) else {
                throw TierFailure("not serving: PostgreSQL does not answer", .unavailable)
            }
            print("serving")
        }
    }

    private func isServing(_ address: HostAndPort, _ tls: TierTLS?) async throws -> Bool {
        let transport = try HTTP2ClientTransport.Posix(
            toBalanceServiceAt: address, tls: tls, on: .singletonMultiThreadedEventLoopGroup)
        var options = CallOptions.defaults
        options.timeout = .seconds(2)
        do {
            return try await withGRPCClient(transport: transport) { [options] client in
                try await Grpc_Health_V1_Health.Client(wrapping: client)
                    .check(.init(), options: options).status == .serving
            }
        } catch let error as RPCError {
            guard error.code != .permissionDenied, !TLSTrouble.isCause(of: error) else {
                throw TierFailure("certificate not accepted: \(error)", .unavailable)
            }
            throw TierFailure(
                "no balance service answers at \(address): \(error.message)", .unavailable)
        }
    }
}
