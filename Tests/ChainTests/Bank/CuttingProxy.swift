import Chain
import NIOCore
import NIOPosix
import Synchronization

/// Stands between two tiers, and loses answers or cuts connections when told to.
final class CuttingProxy: Sendable {
    fileprivate struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var losesAnswers = false
    }

    fileprivate final class Shared: Sendable {
        let state = Mutex(State())
    }

    let address: HostAndPort
    private let server: any Channel
    private let shared: Shared

    private init(server: any Channel, address: HostAndPort, shared: Shared) {
        self.server = server
        self.address = address
        self.shared = shared
    }

    /// Listens on a free port.
    static func start(to target: HostAndPort) async throws -> CuttingProxy {
        let shared = Shared()
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { channel in
                Self.connect(channel, to: target, shared)
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let address = HostAndPort(host: "127.0.0.1", port: server.localAddress?.port ?? 0)
        return CuttingProxy(server: server, address: address, shared: shared)
    }

    private static func connect(
        _ caller: any Channel, to target: HostAndPort, _ shared: Shared
    ) -> EventLoopFuture<Void> {
        ClientBootstrap(group: caller.eventLoop)
            .connectTimeout(.seconds(2))
            .channelOption(.autoRead, value: false)
            .connect(host: target.host, port: target.port)
            .flatMapThrowing { called in
                shared.state.withLock { state in
                    state.channels[ObjectIdentifier(caller)] = caller
                    state.channels[ObjectIdentifier(called)] = called
                }
                try caller.pipeline.syncOperations.addHandler(
                    Passage(to: called, shared, carriesAnswers: false))
                try called.pipeline.syncOperations.addHandler(
                    Passage(to: caller, shared, carriesAnswers: true))
                for channel in [caller, called] {
                    channel.setOption(.autoRead, value: true).whenFailure { _ in
                        channel.close(promise: nil)
                    }
                }
            }
    }

    /// Whether requests go through and their answers do not.
    func loseAnswers(_ losesAnswers: Bool) {
        shared.state.withLock { $0.losesAnswers = losesAnswers }
    }

    /// Ends all connections; new ones are taken.
    func cut() {
        let channels = shared.state.withLock { $0.channels.values.map { $0 } }
        for channel in channels { channel.close(promise: nil) }
    }

    func stop() async {
        try? await server.close()
        cut()
    }

    /// For so long no answer comes through; then the connections end.
    func loseAnswers(for duration: Duration) async throws {
        loseAnswers(true)
        defer {
            cut()
            loseAnswers(false)
        }
        try await Task.sleep(for: duration)
    }
}

private final class Passage: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let other: any Channel
    private let shared: CuttingProxy.Shared
    private let carriesAnswers: Bool

    init(to other: any Channel, _ shared: CuttingProxy.Shared, carriesAnswers: Bool) {
        self.other = other
        self.shared = shared
        self.carriesAnswers = carriesAnswers
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if carriesAnswers, shared.state.withLock({ $0.losesAnswers }) { return }
        other.writeAndFlush(unwrapInboundIn(data), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        let channel = ObjectIdentifier(context.channel)
        shared.state.withLock { _ = $0.channels.removeValue(forKey: channel) }
        other.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
