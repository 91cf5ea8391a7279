public import NIOCore
import Synchronization

/// Accepts connections up to a limit; more wait in the system's queue until one is closed.
public final class ConnectionLimit: ChannelDuplexHandler, Sendable {
    public typealias InboundIn = any Channel
    public typealias InboundOut = any Channel
    public typealias OutboundIn = Never

    /// After the system could not accept one.
    private static let pause = TimeAmount.milliseconds(500)

    /// Changed on the listener's loop and on those of its connections.
    private struct State {
        var open = 0
        var isReadHeld = false
        var isRemoved = false
    }

    private let limit: Int
    private let state = Mutex(State())

    public init(_ limit: Int) {
        self.limit = limit
    }

    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        state.withLock { $0.open += 1 }
        let eventLoop = context.eventLoop
        let listener = NIOLoopBound(context, eventLoop: eventLoop)
        unwrapInboundIn(data).closeFuture.whenComplete { [self] _ in
            state.withLock { state in
                state.open -= 1
                guard state.isReadHeld, !state.isRemoved else { return }
                state.isReadHeld = false
                // Under the lock: once the handler is removed, the loop may be shut down.
                eventLoop.execute { listener.value.read() }
            }
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
        let mayRead = state.withLock { state in
            state.isReadHeld = state.open >= limit
            return !state.isReadHeld
        }
        if mayRead { context.read() }
    }

    public func handlerRemoved(context: ChannelHandlerContext) {
        state.withLock { $0.isRemoved = true }
    }
}
