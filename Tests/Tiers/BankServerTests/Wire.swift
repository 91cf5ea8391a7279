import Chain
import NIOCore
import NIOPosix
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A TCP connection's way to a server, that a test can cut and restore. What is at its other end
/// sees what it would see of a server that was killed and started again.
final class Wire: Sendable {
    private struct State {
        var listener: (any Channel)?
        var ends: [any Channel] = []
    }

    let address: HostAndPort
    private let target: HostAndPort
    private let state: Mutex<State>

    private init(address: HostAndPort, target: HostAndPort) {
        self.address = address
        self.target = target
        state = Mutex(State())
    }

    static func run<Result: Sendable>(
        to target: HostAndPort, _ body: @Sendable (Wire) async throws -> Result
    ) async throws -> Result {
        let wire = try await restored(to: target)
        do {
            let result = try await body(wire)
            try await wire.cut()
            return result
        } catch {
            try await wire.cut()
            throw error
        }
    }

    /// A wire at a port below those that the system gives to whoever connects: it stays free for
    /// this wire while it is cut.
    private static func restored(to target: HostAndPort) async throws -> Wire {
        for _ in 0..<20 {
            let port = Int.random(in: 20_000..<32_000)
            let wire = Wire(address: HostAndPort(host: "127.0.0.1", port: port), target: target)
            if (try? await wire.restore()) != nil { return wire }
        }
        throw IOError(errnoCode: EADDRINUSE, reason: "no free port for a wire")
    }

    func restore() async throws {
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { near in self.connect(near) }
            .bind(host: address.host, port: address.port).get()
        state.withLock { $0.listener = listener }
    }

    /// Closes everything at once, in the middle of whatever is said.
    func cut() async throws {
        let (listener, ends) = state.withLock { state in
            defer { state = State() }
            return (state.listener, state.ends)
        }
        try await listener?.close()
        for end in ends { end.close(promise: nil) }
    }

    private func connect(_ near: any Channel) -> EventLoopFuture<Void> {
        ClientBootstrap(group: near.eventLoop)
            .channelOption(.autoRead, value: false)
            .connect(host: target.host, port: target.port)
            .flatMap { far in
                self.state.withLock { $0.ends += [near, far] }
                return near.eventLoop.makeCompletedFuture {
                    try near.pipeline.syncOperations.addHandler(Forwarder(to: far))
                    try far.pipeline.syncOperations.addHandler(Forwarder(to: near))
                }.flatMap {
                    near.setOption(.autoRead, value: true).and(
                        far.setOption(.autoRead, value: true))
                }.map { _ in }
            }
    }

    private final class Forwarder: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let other: any Channel

        init(to other: any Channel) { self.other = other }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            other.writeAndFlush(unwrapInboundIn(data), promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            other.close(promise: nil)
        }
    }
}
