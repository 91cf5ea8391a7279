import Chain
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle

/// Hop 1 from its server's side: accepts connections, and answers what is asked on each of them, one
/// request after another.
///
/// Each connection has one task, which runs on the connection's own event loop: a request is read,
/// handled and answered by one thread, and waiting for the tiers behind is all that it awaits.
struct HTTPServer: Service {
    let listen: HostAndPort
    let responder: BankResponder
    let eventLoopGroup: any EventLoopGroup
    /// Called with the address that the server got.
    let onListening: @Sendable (HostAndPort) -> Void

    /// More than a request's head or a part of its body ever needs.
    private static let undecodedBytes = 128 * 1024

    /// Runs until a graceful shutdown was asked for and every connection is closed.
    func run() async throws {
        let (connections, accepted) = AsyncStream.makeStream(of: Connection.self)
        let listener = try await bootstrap(accepted).bind(host: listen.host, port: listen.port)
            .get()
        onListening(
            HostAndPort(host: listen.host, port: listener.localAddress?.port ?? listen.port))
        // Also when the system closes it.
        listener.closeFuture.whenComplete { _ in accepted.finish() }
        await withTaskCancellationOrGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                for await connection in connections {
                    let executor = EventLoopTaskExecutor(connection.channel.eventLoop)
                    group.addTask(executorPreference: executor) { await serve(connection) }
                }
                // Without a listener there is nothing to go on for.
                if !Task.isShuttingDownGracefully { group.cancelAll() }
            }
        } onCancelOrGracefulShutdown: {
            listener.close(promise: nil)
        }
        guard Task.isCancelled || Task.isShuttingDownGracefully else {
            throw TierFailure("the system closed the listener at \(listen)", .unavailable)
        }
    }

    private func bootstrap(
        _ accepted: AsyncStream<Connection>.Continuation
    ) -> ServerBootstrap {
        ServerBootstrap(group: eventLoopGroup)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            // One at a time, so that the limit is never passed.
            .serverChannelOption(.maxMessagesPerRead, value: 1)
            .serverChannelInitializer { [limits = responder.limits] channel in
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
            .childChannelInitializer { [responder] channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = ConnectionHandler(responder)
                    let decoder = HTTPRequestDecoder(
                        leftOverBytesStrategy: .dropBytes,
                        limitConfiguration: responder.limits.decoder)
                    try channel.pipeline.syncOperations.addHandlers(
                        // Whatever follows on an upgrade is not taken out again.
                        ByteToMessageHandler(
                            decoder, maximumBufferSize: Self.undecodedBytes),
                        handler)
                    let connection = Connection(channel: channel, handler: handler)
                    // The server is on its way out.
                    if case .terminated = accepted.yield(connection) { connection.close() }
                }
            }
    }

    private func serve(_ connection: Connection) async {
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                while let request = await connection.nextRequest() {
                    connection.send(await responder.respond(to: request), to: request.head)
                }
                // Whoever runs the server takes its loops away next: the last answer would be cut.
                await connection.waitUntilClosed()
            } onGracefulShutdown: {
                connection.quiesce()
            }
        } onCancel: {
            connection.close()
        }
    }
}
