import ArgumentParser
import BalanceAPI
import Chain
import GRPCCore
import GRPCNIOTransportHTTP2Posix
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

    func run() async throws {
        try await reportingFailure {
            let address = try ServiceSettings.listen.value(
                flag: server, file: settings.file())
            guard try await isServing(address) else {
                throw TierFailure("not serving: PostgreSQL does not answer", .unavailable)
            }
            print("serving")
        }
    }

    private func isServing(_ address: HostAndPort) async throws -> Bool {
        let target: any ResolvableTarget =
            if let path = address.unixPath {
                .unixDomainSocket(path: path, authority: "localhost")
            } else {
                .dns(host: address.host, port: address.port)
            }
        let transport = try HTTP2ClientTransport.Posix(
            target: target, transportSecurity: .plaintext,
            eventLoopGroup: .singletonMultiThreadedEventLoopGroup)
        var options = CallOptions.defaults
        options.timeout = .seconds(2)
        do {
            return try await withGRPCClient(transport: transport) { [options] client in
                try await Grpc_Health_V1_Health.Client(wrapping: client)
                    .check(.init(), options: options).status == .serving
            }
        } catch let error as RPCError {
            throw TierFailure(
                "no balance service answers at \(address): \(error.message)", .unavailable)
        }
    }
}
