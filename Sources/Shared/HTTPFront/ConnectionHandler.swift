import NIOCore
import NIOHTTP1

/// Hands a connection's requests to their responder, one at a time, and writes their answers.
///
/// Nothing is read while a request waits for the answer to the one before it, or the caller does not
/// take its answers.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    let server: ServerParts
    var requests: RequestAssembly
    var context: ChannelHandlerContext?
    var timers = ConnectionTimers()
    /// Kept for the next answer.
    var output = ByteBuffer()
    /// The answer that goes on.
    var stream: EventStream?
    /// A request's handler is at work: what is next is done once it returns, and not on its stack.
    var isHandingOver = false
    var isReadHeld = false
    /// An answer was written, and the caller has yet to take it before its next request's turn.
    var isAnswerHeldUp = false
    /// Whether the caller will ask nothing more.
    var isInputClosed = false
    /// The last answer was written, and the caller has yet to take it.
    var isClosing = false
    var isOutputClosed = false
    var isQuiescing = false
    /// The address at the other end: for each connection one text, not for each request.
    private(set) lazy var source = context?.channel.remoteAddress?.ipAddress

    init(_ server: ServerParts) {
        self.server = server
        requests = RequestAssembly(server)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        perform(requests.receive(.success(unwrapInboundIn(data))), context)
        if requests.isOverfull { context.close(promise: nil) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        watchBody(context)
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case let error as HTTPParserError: perform(requests.receive(.failure(error)), context)
        // What follows on what was not HTTP, or on an upgrade: answered already.
        case is ByteToMessageDecoderError, is ByteToMessageDecoderError.PayloadTooLargeError: break
        default: context.close(promise: nil)
        }
    }

    func read(context: ChannelHandlerContext) {
        if mayRead(context) {
            context.read()
        } else {
            isReadHeld = true
        }
    }

    private func mayRead(_ context: ChannelHandlerContext) -> Bool {
        // The rest is read and dropped, so that the last answer is not lost by a reset.
        if case .closed = requests.state { return true }
        return !requests.hasPipelined && context.channel.isWritable
    }

    func readIfHeld(_ context: ChannelHandlerContext) {
        guard isReadHeld, mayRead(context) else { return }
        isReadHeld = false
        context.read()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            if isAnswerHeldUp {
                isAnswerHeldUp = false
                timers.keepOpen()
                if stream == nil, !isHandingOver { goOn(context) }
            }
            readIfHeld(context)
        }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            isInputClosed = true
            perform(requests.abort(.bodyEndedEarly), context)
            watchPresence(context)
        case is ChannelShouldQuiesceEvent:
            isQuiescing = true
            endStream()
            if isAnswerHeldUp || isClosing { timers.close(context, in: patience) }
        default: context.fireUserInboundEventTriggered(event)
        }
        closeIfDone(context)
    }

    /// Does what is next, and what is after that when it was answered at once.
    func perform(_ next: RequestAssembly.Action, _ context: ChannelHandlerContext) {
        var action = next
        while case .answer(let exchange) = action {
            handOver(exchange)
            guard exchange.isAnswered, stream == nil, !isAnswerHeldUp else { return }
            action = requests.answered()
        }
        switch action {
        case .sendContinue:
            let line = ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")
            context.writeAndFlush(wrapOutboundOut(line), promise: nil)
        case .refuse(let fault):
            var response = server.responder.response(to: fault)
            response.closesConnection = true
            write(response, to: nil, context)
        case .nothing, .answer: break
        }
    }

    private func handOver(_ exchange: Exchange) {
        timers.body?.cancel()
        timers.body = nil
        exchange.connection = self
        isHandingOver = true
        exchange.admission.handler.answer(exchange)
        isHandingOver = false
    }

    /// The answer was given.
    func goOn(_ context: ChannelHandlerContext) {
        perform(requests.answered(), context)
        watchBody(context)
        watchPresence(context)
        readIfHeld(context)
        closeIfDone(context)
    }
}
