import Chain
import NIOCore
import NIOHPACK
import NIOHTTP2

/// Removes an invalid `grpc-timeout` from a call's headers.
///
/// grpc-swift-2 reads the header of every call by itself, and traps on a negative number: one bad
/// header would end the service for all. Before its handlers is the one place to look first.
final class TimeoutFilter: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias InboundOut = HTTP2Frame.FramePayload

    /// Puts a filter before the handlers of a call's stream.
    static func add(to stream: any Channel) -> EventLoopFuture<Void> {
        stream.eventLoop.makeCompletedFuture {
            try stream.pipeline.syncOperations.addHandler(TimeoutFilter(), position: .first)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .headers(var head) = unwrapInboundIn(data),
            head.headers[GRPCTimeout.headerName].contains(where: { GRPCTimeout($0) == nil })
        else { return context.fireChannelRead(data) }
        head.headers.remove(name: GRPCTimeout.headerName)
        context.fireChannelRead(wrapInboundOut(.headers(head)))
    }
}
