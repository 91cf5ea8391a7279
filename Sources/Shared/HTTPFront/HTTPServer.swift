public import Chain
public import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
public import ServiceLifecycle

/// An HTTP/1.1 server that knows nothing of what it serves: accepts connections, and has a responder
/// answer what is asked on each of them, one request after another, on one event loop.
///
/// It is the project's own because a framework, which hands each part of a request to an asynchronous
/// handler, cost twice the processor time a request when that was measured (Benchmarks/README.md).
/// Here a request takes no task, no lock and no other thread: it arrives, is answered and leaves by
/// calls on one thread. Tasks are for handlers that ask for one (``Exchange/run``).
public struct HTTPServer: Service {
    private let listen: HostAndPort
    private let parts: ServerParts
    private let tls: ServerTLS?
    private let onListening: @Sendable (HostAndPort) -> Void

    /// - Parameters:
    ///   - drain: Tells the server's end before it comes; a service that is shut down first.
    ///   - tls: `nil`: connections are not encrypted.
    ///   - eventLoop: Where all connections are, and handlers are called.
    ///   - onListening: Called with the address that the server got.
    public init(
        listen: HostAndPort, responder: any HTTPResponder, limits: HTTPLimits = HTTPLimits(),
        drain: DrainState, tls: ServerTLS? = nil, eventLoop: any EventLoop,
        onListening: @escaping @Sendable (HostAndPort) -> Void
    ) {
        self.listen = listen
        self.tls = tls
        self.onListening = onListening
        parts = ServerParts(responder, limits, drain, LoopTasks(eventLoop))
    }

    /// Runs until a graceful shutdown was asked for and every connection is closed.
    ///
    /// - Throws: When the address cannot be had, and ``TierFailure`` when the system closes the listener.
    public func run() async throws {
        let listener = try await bootstrap.bind(host: listen.host, port: listen.port).get()
        onListening(
            HostAndPort(host: listen.host, port: listener.localAddress?.port ?? listen.port))
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                group.addTask { await parts.tasks.run() }
                await withGracefulShutdownHandler {
                    // Also when the system closes it.
                    try? await listener.closeFuture.get()
                } onGracefulShutdown: {
                    listener.close(promise: nil)
                }
                await endConnections()
                parts.tasks.finish()
            }
        } onCancel: {
            listener.close(promise: nil)
            parts.connections.close()
        }
        guard Task.isCancelled || Task.isShuttingDownGracefully else {
            throw TierFailure("the system closed the listener at \(listen)", .unavailable)
        }
    }

    /// Whoever runs the server takes its loops away next: the last answers would be cut.
    private func endConnections() async {
        if Task.isShuttingDownGracefully {
            parts.connections.quiesce()
        } else {
            // Without a listener there is nothing to go on for.
            parts.connections.close()
        }
        await parts.connections.waitUntilClosed()
    }

    private var bootstrap: ServerBootstrap {
        ServerBootstrap(group: parts.tasks.eventLoop)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            // One at a time, so that the limit is never passed.
            .serverChannelOption(.maxMessagesPerRead, value: 1)
            .serverChannelInitializer { [limits = parts.limits] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers(
                        ConnectionLimit(limits.connections))
                }
            }
            // What is read before a pause is asked for has a bound.
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            // Who has said all may close that side, and still gets the answer.
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { [parts, tls] channel in
                channel.eventLoop.makeCompletedFuture {
                    try Self.addHandlers(to: channel, parts, tls)
                    parts.connections.add(channel)
                }
            }
    }

    private static func addHandlers(
        to channel: any Channel, _ parts: ServerParts, _ tls: ServerTLS?
    ) throws {
        let pipeline = channel.pipeline.syncOperations
        if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls.context)) }
        let decoder = HTTPRequestDecoder(
            leftOverBytesStrategy: .dropBytes, limitConfiguration: parts.limits.decoder)
        try pipeline.addHandlers(
            // Whatever follows on an upgrade is not taken out again. This is more than a request's head or
            // a part of its body ever needs.
            ByteToMessageHandler(decoder, maximumBufferSize: 128 * 1024),
            ConnectionHandler(parts))
    }
}

/// What the connections of a server share.
final class ServerParts: Sendable {
    let responder: any HTTPResponder
    let limits: HTTPLimits
    let bodies: MemoryBudget
    let drain: DrainState
    let connections = OpenConnections()
    let tasks: LoopTasks
    /// The responder's, written once for all answers.
    let fields: ByteBuffer
    private let second = SpelledSecond.httpDate()

    var date: String { second.now }

    init(
        _ responder: any HTTPResponder, _ limits: HTTPLimits, _ drain: DrainState,
        _ tasks: LoopTasks
    ) {
        self.responder = responder
        fields = ByteBuffer(responder.fields)
        self.limits = limits
        self.drain = drain
        bodies = MemoryBudget(bytes: limits.allBodiesBytes)
        self.tasks = tasks
    }
}
