import Chain
import NIOCore

/// Tells ``OpenConnections`` of a connection, and keeps one waiting that has to.
final class ConnectionBounds: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = IOData

    private let connections: OpenConnections
    private var isWaiting = false
    private var isReadHeld = false

    private init(_ connections: OpenConnections) {
        self.connections = connections
    }

    /// Puts the bounds before all that a connection has.
    static func add(
        to channel: any Channel, _ connections: OpenConnections
    ) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(
                ConnectionBounds(connections), position: .first)
        }
    }

    func handlerAdded(context: ChannelHandlerContext) {
        guard let wait = connections.open(context.channel) else {
            context.close(promise: nil)
            return
        }
        guard wait > .zero else { return }
        isWaiting = true
        context.eventLoop.assumeIsolated().scheduleTask(in: wait) {
            self.isWaiting = false
            if self.isReadHeld { context.read() }
        }
    }

    func read(context: ChannelHandlerContext) {
        if isWaiting { isReadHeld = true } else { context.read() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        connections.heard(from: context.channel)
        context.fireChannelRead(data)
    }

    func channelInactive(context: ChannelHandlerContext) {
        connections.close(context.channel)
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        connections.close(context.channel)
    }
}

extension OpenConnections {
    /// Bounds what a listener accepts, and looks after those that were accepted.
    func watch(_ listener: any Channel) -> EventLoopFuture<Void> {
        listener.eventLoop.makeCompletedFuture {
            try listener.pipeline.syncOperations.addHandler(
                ConnectionLimit(limits.connections), position: .first)
            let watch = listener.eventLoop.scheduleRepeatedTask(
                initialDelay: .seconds(1), delay: .seconds(1)
            ) { _ in self.closeStalled() }
            listener.closeFuture.whenComplete { _ in watch.cancel() }
        }.flatMap {
            // One at a time, so that the limit is never passed.
            listener.setOption(.maxMessagesPerRead, value: 1)
        }.flatMap {
            listener.setOption(.backlog, value: 1024)
        }
    }
}
