import NIOCore
import NIOHTTP1

extension ConnectionHandler {
    /// Larger ones are not kept for the next answer.
    private static let keptOutputBytes = 16 * 1024

    func send(_ response: Response, to exchange: Exchange) {
        guard requests.isAnswering, let context else { return }
        var response = response
        if isLast(exchange) { response.closesConnection = true }
        write(response, to: exchange.head, context)
        didAnswer(context)
    }

    /// Whether the connection ends with the answer.
    func isLast(_ exchange: Exchange) -> Bool {
        exchange.head.isLastOfItsConnection || isQuiescing || server.drain.isDraining
            // A body that nobody reads ends its connection.
            || exchange.fault != nil || !exchange.isComplete && exchange.head.announcesBody
            || isInputClosed && !requests.hasPipelined
    }

    func write(
        _ response: Response, to request: HTTPRequestHead?, _ context: ChannelHandlerContext
    ) {
        clearOutput()
        output.write(response, to: request, fields: server.fields, date: server.date)
        context.writeAndFlush(wrapOutboundOut(output), promise: nil)
        if response.closesConnection { close(context) }
    }

    func clearOutput() {
        if output.capacity > Self.keptOutputBytes { output = ByteBuffer() }
        output.clear()
    }

    /// Goes on with the next request when the caller has taken the answer.
    func didAnswer(_ context: ChannelHandlerContext) {
        // Writing may end the connection, too.
        guard requests.isAnswering else { return }
        if !context.channel.isWritable {
            holdUp(context)
        } else if !isHandingOver {
            goOn(context)
        }
    }

    /// The caller has only so much time to take what it is sent.
    func holdUp(_ context: ChannelHandlerContext) {
        isAnswerHeldUp = true
        timers.close(context, in: patience)
    }

    // MARK: The connection's end

    func closeIfDone(_ context: ChannelHandlerContext) {
        switch requests.state {
        case .idle: if isInputClosed || isQuiescing { close(context) }
        case .closed: if isInputClosed && isOutputClosed { context.close(promise: nil) }
        case .receiving, .answering: break
        }
    }

    /// Closes once the caller has taken the answers, and not before it has closed its side: with bytes
    /// of a request unread that would reset the connection and lose them (RFC 9112, section 9.6).
    func close(_ context: ChannelHandlerContext) {
        end()
        (isClosing, isAnswerHeldUp) = (true, false)
        readIfHeld(context)
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenSuccess { self.closeOutput(context) }
        timers.close(context, in: patience)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
    }

    /// How long the caller may take to read what it was answered.
    var patience: TimeAmount {
        isQuiescing ? server.limits.quiescingTime : server.limits.idleTime
    }

    private func closeOutput(_ context: ChannelHandlerContext) {
        (isClosing, isOutputClosed) = (false, true)
        guard !isInputClosed else {
            context.close(promise: nil)
            return
        }
        context.close(mode: .output, promise: nil)
        timers.close(context, in: server.limits.lingerTime)
    }

    private func end() {
        requests.close()
        timers.cancel()
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        watchIdleness(from: .now(), context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        leave()
        self.context = nil
    }

    /// Nobody is there any more to read what it asked for.
    private func leave() {
        let exchange = requests.answering
        end()
        dropStream()
        if let exchange, !exchange.isAnswered { exchange.leave() }
    }
}
