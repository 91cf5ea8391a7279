import Chain
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import ServiceLifecycle

/// The gRPC server as a service of the tier's group: it tells its address, and drains.
///
/// Once it drains no new call can begin on a connection that is there. So, for a moment before, it
/// only says that it is not serving: long enough for its callers to see that and to go elsewhere.
struct ServerService: Service {
    let server: GRPCServer<HTTP2ServerTransport.Posix>
    let status: ServingStatus
    let address: HostAndPort
    /// Longer than callers take between two looks at its health.
    let notice: Duration
    /// Gets the address, once the server listens.
    let listening: AsyncStream<HostAndPort>.Continuation

    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await drain() }
            group.addTask { await tellAddress() }
            // Whatever ends it, such as an address that is taken, ends the others.
            defer { group.cancelAll() }
            try await serve()
        }
    }

    private func drain() async {
        guard (try? await gracefulShutdown()) != nil else { return }
        status.drain()
        try? await Task.sleep(for: notice)
        server.beginGracefulShutdown()
    }

    private func serve() async throws {
        do {
            try await server.serve()
        } catch {
            let cause = (error as? RuntimeError)?.cause ?? error
            throw TierFailure(listeningAt: address, cause)
        }
    }

    private func tellAddress() async {
        guard let bound = try? await server.listeningAddress else { return }
        listening.yield(HostAndPort(bound) ?? address)
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
        if let path = address.unixPath {
            self = .unixDomainSocket(path: path)
        } else if address.host.contains(":") {
            self = .ipv6(host: address.host, port: address.port)
        } else {
            self = .ipv4(
                host: address.host == "localhost" ? "127.0.0.1" : address.host, port: address.port)
        }
    }
}
