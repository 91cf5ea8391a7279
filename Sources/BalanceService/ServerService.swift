import Chain
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Logging
import ServiceLifecycle

/// The gRPC server as a service of the tier's group: it tells its address, and drains.
struct ServerService: Service {
    let server: GRPCServer<HTTP2ServerTransport.Posix>
    let status: ServingStatus
    let address: HostAndPort
    let readyFile: ReadyFile?
    let logger: Logger

    func run() async throws {
        defer { readyFile?.remove() }
        try await withGracefulShutdownHandler {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await serve() }
                try await tellAddress()
                try await group.waitForAll()
            }
        } onGracefulShutdown: {
            status.drain()
            server.beginGracefulShutdown()
        }
    }

    private func serve() async throws {
        do {
            try await server.serve()
        } catch {
            let cause = (error as? RuntimeError)?.cause ?? error
            throw TierFailure(listeningAt: address, cause)
        }
    }

    private func tellAddress() async throws {
        guard let bound = try? await server.listeningAddress else { return }
        let actual = HostAndPort(bound) ?? address
        try readyFile?.write(actual)
        logger.notice("listening", metadata: ["address": "\(actual)"])
    }
}

extension HostAndPort {
    init?(_ address: GRPCNIOTransportHTTP2Posix.SocketAddress) {
        if let ipv4 = address.ipv4 {
            self.init(host: ipv4.host, port: ipv4.port)
        } else if let ipv6 = address.ipv6 {
            self.init(host: ipv6.host, port: ipv6.port)
        } else {
            return nil
        }
    }
}

extension GRPCNIOTransportHTTP2Posix.SocketAddress {
    /// An IPv6 address is recognised by its colons; anything else goes as IPv4.
    init(_ address: HostAndPort) {
        if address.host.contains(":") {
            self = .ipv6(host: address.host, port: address.port)
        } else {
            self = .ipv4(
                host: address.host == "localhost" ? "127.0.0.1" : address.host, port: address.port)
        }
    }
}
