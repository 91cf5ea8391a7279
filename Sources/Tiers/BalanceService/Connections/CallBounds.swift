import BalanceAPI
import GRPCCore
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
        case unknown, work, answered, watch, stream, refused
    }

    private static let watchPath = "/grpc.health.v1.Health/Watch"
    /// Calls that stay, idle or not, and whose messages are the work.
    private static let streamPaths: Set = [
        "/" + Teller_Balance_V1_Balances.Method.StreamBalances.descriptor.fullyQualifiedMethod,
        "/" + Teller_Balance_V1_Ledger.Method.StreamTransfers.descriptor.fullyQualifiedMethod,
    ]

    private let connections: OpenConnections
    private let connection: any Channel
    private var requestBytes = 0
    private var kind = Kind.unknown
    private var batches = StreamedBatches()
    private var isRequestComplete = false
    private var isAnswerComplete = false
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
            recognise(frame.headers.first(name: ":path"), context)
            if frame.endStream { completeRequest() }
        case .data(let part):
            if part.endStream { completeRequest() }
            requestBytes += part.data.readableBytes
            connections.take(part.data.readableBytes, of: .requestBytes, by: connection)
            if kind == .stream, case .byteBuffer(let bytes) = part.data { receive(bytes) }
        default: break
        }
        context.fireChannelRead(data)
    }

    private func recognise(_ path: String?, _ context: ChannelHandlerContext) {
        guard kind == .unknown, let path else { return }
        if path == Self.watchPath { return watch(context) }
        if Self.streamPaths.contains(path) { kind = .stream }
    }

    private func receive(_ bytes: ByteBuffer) {
        let count = batches.receive(bytes)
        guard count > 0 else { return }
        for _ in 0..<count { connections.beginWork(of: connection) }
        // Another one that has begun to arrive has a time of its own.
        timer?.cancel()
        timer = nil
    }

    private func send(_ bytes: ByteBuffer) {
        for size in batches.send(bytes) {
            connections.endWork(of: connection)
            requestBytes -= size
            connections.giveBack(size, of: .requestBytes, by: connection)
        }
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

    func channelReadComplete(context: ChannelHandlerContext) {
        awaitRequest(context)
        context.fireChannelReadComplete()
    }

    /// Whether more of the request is due: not of a stream that is idle, until the service has ended it.
    private var isAwaited: Bool {
        !isRequestComplete && (kind != .stream || batches.isAmidst || isAnswerComplete)
    }

    /// Most requests arrive at once, and need no timer.
    private func awaitRequest(_ context: ChannelHandlerContext) {
        guard isAwaited else {
            timer?.cancel()
            timer = nil
            return
        }
        guard timer == nil, !isOver else { return }
        let time = connections.limits.requestTime
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: time) {
            context.close(promise: nil)
        }
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
            if kind == .stream, case .byteBuffer(let bytes) = part.data { send(bytes) }
        case .headers(let frame) where frame.endStream && kind == .stream:
            isAnswerComplete = true
            awaitRequest(context)
        default: break
        }
        context.write(data, promise: promise)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // To leave a stream whose batches are answered takes nothing back.
        if error is NIOHTTP2Errors.StreamClosed, !(kind == .stream && batches.areAnswered) {
            connections.countReset(by: connection)
        }
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
        for _ in batches.unanswered { connections.endWork(of: connection) }
        if kind == .watch { connections.endWatch(by: connection) }
        connections.giveBack(1, of: .calls, by: connection)
        connections.giveBack(requestBytes, of: .requestBytes, by: connection)
    }
}
