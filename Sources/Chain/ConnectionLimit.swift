public import NIOCore

/// Accepts connections up to a limit; more wait in the system's queue until one is closed.
public final class ConnectionLimit: ChannelDuplexHandler {
    public typealias InboundIn = any Channel
    public typealias InboundOut = any Channel
    public typealias OutboundIn = Never

    /// After the system could not accept one.
    private static let pause = TimeAmount.milliseconds(500)

    private let limit: Int
    private var open = 0
    private var isReadHeld = false

    public init(_ limit: Int) {
        self.limit = limit
    }

    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        open += 1
        let this = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        unwrapInboundIn(data).closeFuture.hop(to: context.eventLoop).whenComplete { _ in
            let (handler, context) = this.value
            handler.open -= 1
            guard handler.isReadHeld else { return }
            handler.isReadHeld = false
            context.read()
        }
        context.fireChannelRead(data)
    }

    /// There are no descriptors, say: trying again at once would keep the thread busy with it.
    public func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is IOError else {
            context.fireErrorCaught(error)
            return
        }
        let channel = context.channel
        _ = channel.setOption(.autoRead, value: false)
        context.eventLoop.scheduleTask(in: Self.pause) {
            _ = channel.setOption(.autoRead, value: true)
        }
    }

    public func read(context: ChannelHandlerContext) {
        if open < limit {
            context.read()
        } else {
            isReadHeld = true
        }
    }
}
