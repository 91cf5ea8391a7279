import NIOCore
import NIOHPACK
import NIOHTTP2

/// Tells ``OpenConnections`` what a call uses of its connection, and ends one whose request does not
/// arrive.
final class CallBounds: ChannelDuplexHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias OutboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    /// What a call is to its connection's standing.
    private enum Kind {
        case unknown, work, answered, watch, refused
    }

    private static let watchPath = "/grpc.health.v1.Health/Watch"

    private let connections: OpenConnections
    private let connection: any Channel
    private var requestBytes = 0
    private var kind = Kind.unknown
    private var isRequestComplete = false
    private var isOver = false
    private var timer: Scheduled<Void>?

    private init(_ connections: OpenConnections, _ connection: any Channel) {
        self.connections = connections
        self.connection = connection
    }

    /// Puts the bounds before the handlers of a call's stream.
    static func add(
        to stream: any Channel, _ connections: OpenConnections
    ) -> EventLoopFuture<Void> {
        stream.eventLoop.makeCompletedFuture {
            guard let connection = stream.parent else { return }
            try stream.pipeline.syncOperations.addHandler(
                CallBounds(connections, connection), position: .first)
        }
    }

    func handlerAdded(context: ChannelHandlerContext) {
        connections.take(1, of: .calls, by: connection)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .headers(let frame):
            if frame.headers.first(name: ":path") == Self.watchPath { watch(context) }
            if frame.endStream { completeRequest() }
        case .data(let part):
            if part.endStream { completeRequest() }
            requestBytes += part.data.readableBytes
            connections.take(part.data.readableBytes, of: .requestBytes, by: connection)
        default: break
        }
        context.fireChannelRead(data)
    }

    private func watch(_ context: ChannelHandlerContext) {
        guard !connections.beginWatch(by: connection) else {
            kind = .watch
            return
        }
        kind = .refused
        context.eventLoop.assumeIsolated().execute { context.close(promise: nil) }
    }

    private func completeRequest() {
        isRequestComplete = true
        guard kind == .unknown, !isOver else { return }
        kind = .work
        connections.beginWork(of: connection)
    }

    private func endWork() {
        guard kind == .work else { return }
        kind = .answered
        connections.endWork(of: connection)
    }

    /// Most requests arrive at once, and need no timer.
    func channelReadComplete(context: ChannelHandlerContext) {
        if isRequestComplete {
            timer?.cancel()
        } else if timer == nil {
            let time = connections.limits.requestTime
            timer = context.eventLoop.assumeIsolated().scheduleTask(in: time) {
                context.close(promise: nil)
            }
        }
        context.fireChannelReadComplete()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        endWork()
        var promise = promise
        switch unwrapOutboundIn(data) {
        case .data(let part):
            let count = part.data.readableBytes
            connections.take(count, of: .answerBytes, by: connection)
            let written = promise ?? context.eventLoop.makePromise()
            written.futureResult.whenComplete { [connections, connection] _ in
                connections.giveBack(count, of: .answerBytes, by: connection)
            }
            promise = written
        default: break
        }
        context.write(data, promise: promise)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is NIOHTTP2Errors.StreamClosed { connections.countReset(by: connection) }
        context.fireErrorCaught(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
    }

    private func end() {
        guard !isOver else { return }
        isOver = true
        timer?.cancel()
        endWork()
        if kind == .watch { connections.endWatch(by: connection) }
        connections.giveBack(1, of: .calls, by: connection)
        connections.giveBack(requestBytes, of: .requestBytes, by: connection)
    }
}
