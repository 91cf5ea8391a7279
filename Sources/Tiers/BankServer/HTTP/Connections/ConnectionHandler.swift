import BankAPI
import Chain
import HTTPFront
import NIOCore
import NIOHTTP1

/// Hands a connection's requests to its task, one at a time, and writes their answers.
///
/// Nothing is read while a request waits for the answer to the one before it, or the caller does not
/// take its answers.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    /// Larger ones are not kept for the next answer.
    private static let keptOutputBytes = 16 * 1024

    private let responder: BankResponder
    private let departure = Departure()
    private var requests: RequestAssembly
    private var context: ChannelHandlerContext?
    private var timers = ConnectionTimers()
    private var output = ByteBuffer()
    private var isReadHeld = false
    /// An answer was written, and the caller has yet to take it before its next request's turn.
    private var isAnswerHeldUp = false
    /// Whether the caller will ask nothing more.
    private var isInputClosed = false
    /// The last answer was written, and the caller has yet to take it.
    private var isClosing = false
    private var isOutputClosed = false
    private var isQuiescing = false
    /// Whether whoever waits for an answer may be sent others before it: RFC 9110, section 15.2.
    private var takesInterimAnswers = false
    /// Whoever waits for a request, or the request that waits.
    private var waiting: CheckedContinuation<ReceivedRequest?, Never>?
    private var received: ReceivedRequest?

    init(_ responder: BankResponder) {
        self.responder = responder
        requests = RequestAssembly(responder)
    }

    // MARK: What its task asks

    func nextRequest(to continuation: CheckedContinuation<ReceivedRequest?, Never>) {
        if let request = received {
            received = nil
            continuation.resume(returning: request)
        } else if case .closed = requests.state {
            continuation.resume(returning: nil)
        } else {
            waiting = continuation
        }
    }

    func send(_ response: Response, to request: HTTPRequestHead) {
        guard requests.isAnswering, let context else { return }
        var response = response
        if request.isLastOfItsConnection || isQuiescing
            || isInputClosed && !requests.hasPipelined
        {
            response.closesConnection = true
        }
        write(response, to: request, context)
        // Writing may end the connection, too.
        guard !response.closesConnection, requests.isAnswering else { return }
        if context.channel.isWritable {
            goOn(context)
        } else {
            isAnswerHeldUp = true
            timers.close(context, in: patience)
        }
    }

    private func write(
        _ response: Response, to request: HTTPRequestHead?, _ context: ChannelHandlerContext
    ) {
        if output.capacity > Self.keptOutputBytes { output = ByteBuffer() }
        output.clear()
        output.write(response, to: request)
        context.writeAndFlush(wrapOutboundOut(output), promise: nil)
        if response.closesConnection { close(context) }
    }

    private func goOn(_ context: ChannelHandlerContext) {
        perform(requests.answered(), context)
        watchBody(context)
        watchPresence(context)
        readIfHeld(context)
        closeIfDone(context)
    }

    // MARK: What the caller sends

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
        // What follows on what was no HTTP, or on an upgrade: answered already.
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

    private func readIfHeld(_ context: ChannelHandlerContext) {
        guard isReadHeld, mayRead(context) else { return }
        isReadHeld = false
        context.read()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            if isAnswerHeldUp {
                isAnswerHeldUp = false
                timers.keepOpen()
                goOn(context)
            } else {
                readIfHeld(context)
            }
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
            if isAnswerHeldUp || isClosing { timers.close(context, in: patience) }
        default: context.fireUserInboundEventTriggered(event)
        }
        closeIfDone(context)
    }

    private func perform(_ action: RequestAssembly.Action, _ context: ChannelHandlerContext) {
        switch action {
        case .nothing: break
        case .sendContinue:
            let line = ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")
            context.writeAndFlush(wrapOutboundOut(line), promise: nil)
        case .answer(let request): deliver(request)
        case .refuse(let error): write(responder.refuse(error), to: nil, context)
        }
    }

    private func deliver(_ request: ReceivedRequest) {
        var request = request
        request.departure = departure
        takesInterimAnswers = request.head.version >= .http1_1
        timers.body?.cancel()
        timers.body = nil
        if let waiting {
            self.waiting = nil
            waiting.resume(returning: request)
        } else {
            received = request
        }
    }

    // MARK: The connection's end

    private func closeIfDone(_ context: ChannelHandlerContext) {
        switch requests.state {
        case .idle: if isInputClosed || isQuiescing { close(context) }
        case .closed: if isInputClosed && isOutputClosed { context.close(promise: nil) }
        case .receiving, .answering: break
        }
    }

    /// Closes once the caller has taken the answers, and not before it has closed its side: with bytes
    /// of a request unread that would reset the connection and lose them (RFC 9112, section 9.6).
    private func close(_ context: ChannelHandlerContext) {
        end()
        isClosing = true
        readIfHeld(context)
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenSuccess { self.closeOutput(context) }
        timers.close(context, in: patience)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
    }

    /// How long the caller may take to read what it was answered.
    private var patience: TimeAmount {
        isQuiescing ? responder.limits.quiescingTime : responder.limits.idleTime
    }

    private func closeOutput(_ context: ChannelHandlerContext) {
        (isClosing, isOutputClosed) = (false, true)
        guard !isInputClosed else {
            context.close(promise: nil)
            return
        }
        context.close(mode: .output, promise: nil)
        timers.close(context, in: responder.limits.lingerTime)
    }

    private func end() {
        requests.close()
        timers.cancel()
        waiting?.resume(returning: nil)
        waiting = nil
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        watchIdleness(from: .now(), context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        departure.leave()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        departure.leave()
        self.context = nil
    }

    // MARK: Its bounds

    /// One timer for a connection, however many requests it has.
    private func watchIdleness(from start: NIODeadline, _ context: ChannelHandlerContext) {
        let idleTime = responder.limits.idleTime
        timers.idle = context.eventLoop.assumeIsolated().scheduleTask(deadline: start + idleTime) {
            guard case .idle(let since) = self.requests.state else {
                self.watchIdleness(from: .now(), context)
                return
            }
            if since + idleTime <= .now() {
                context.close(promise: nil)
            } else {
                self.watchIdleness(from: since, context)
            }
        }
    }

    /// Who has closed its side may still read, or be gone: only what is sent to it tells.
    private func watchPresence(_ context: ChannelHandlerContext) {
        timers.presence?.cancel()
        guard isInputClosed, requests.isAnswering, takesInterimAnswers else { return }
        timers.presence = context.eventLoop.assumeIsolated().scheduleTask(
            in: responder.limits.presenceTime
        ) {
            guard self.requests.isAnswering, !self.isAnswerHeldUp else { return }
            let line = ByteBuffer(string: "HTTP/1.1 102 Processing\r\n\r\n")
            context.writeAndFlush(self.wrapOutboundOut(line), promise: nil)
            self.watchPresence(context)
        }
    }

    /// Someone who sends a byte now and then keeps nothing for longer than this. Most bodies arrive at
    /// once, and need no timer.
    private func watchBody(_ context: ChannelHandlerContext) {
        guard case .receiving(let request) = requests.state, timers.body == nil else { return }
        let time = min(request.terms.remaining, responder.limits.bodyTime)
        timers.body = context.eventLoop.assumeIsolated().scheduleTask(
            in: .microseconds(time.wholeMicroseconds)
        ) {
            self.perform(self.requests.abort(.deadlineExceeded(tier: .bankServer)), context)
        }
    }
}
