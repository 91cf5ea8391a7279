import BankAPI
import Chain
import NIOCore
import NIOHTTP1

/// Hands a connection's requests to its task, one at a time, and writes their answers. Nothing more is
/// read while something waits for an answer before it.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    private let limits: HTTPLimits
    private var requests: RequestAssembly
    private var context: ChannelHandlerContext?
    private var output = ByteBuffer()
    private var isReadHeld = false
    /// Whether the caller will ask nothing more.
    private var isInputClosed = false
    private var isQuiescing = false
    /// Whoever waits for a request, or the request that waits.
    private var waiting: CheckedContinuation<ReceivedRequest?, Never>?
    private var received: ReceivedRequest?
    /// Bounds how long nothing may be asked.
    private var idleTimer: Scheduled<Void>?
    /// Bounds how long a body may take.
    private var bodyTimer: Scheduled<Void>?

    init(limits: HTTPLimits, responder: BankResponder) {
        self.limits = limits
        requests = RequestAssembly(limits: limits, admit: responder.admit)
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
        let isLast =
            response.isLast || !request.isKeepAlive || isQuiescing
            || isInputClosed && !requests.hasPipelined
        write(response, to: request, isLast: isLast, context)
        guard !isLast else { return }
        act(requests.answered(), context)
        if isReadHeld, !requests.hasPipelined {
            isReadHeld = false
            context.read()
        }
        closeIfDone(context)
    }

    private func write(
        _ response: Response, to request: HTTPRequestHead?, isLast: Bool,
        _ context: ChannelHandlerContext
    ) {
        output.clear()
        output.write(response, to: request, isLast: isLast)
        context.writeAndFlush(wrapOutboundOut(output), promise: nil)
        if isLast { close(context) }
    }

    /// Says that nothing more comes, and closes when the caller has done so as well. Closing both
    /// sides at once, with bytes of a request unread, would reset the connection and lose the answer:
    /// RFC 9112, section 9.6.
    private func close(_ context: ChannelHandlerContext) {
        end()
        guard !isInputClosed else {
            context.close(promise: nil)
            return
        }
        context.close(mode: .output, promise: nil)
        let channel = context.channel
        context.eventLoop.scheduleTask(in: limits.lingerTime) { channel.close(promise: nil) }
    }

    // MARK: What the caller sends

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        act(requests.take(.success(unwrapInboundIn(data))), context)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // Most bodies arrive at once, and need no timer.
        if case .receiving(let request) = requests.state, bodyTimer == nil {
            watchBody(of: request, context)
        }
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? HTTPParserError {
            act(requests.take(.failure(error)), context)
        } else {
            context.close(promise: nil)
        }
    }

    func read(context: ChannelHandlerContext) {
        if requests.hasPipelined {
            isReadHeld = true
        } else {
            context.read()
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            isInputClosed = true
            act(requests.giveUp(.bodyEndedEarly), context)
        case is ChannelShouldQuiesceEvent: isQuiescing = true
        default: context.fireUserInboundEventTriggered(event)
        }
        closeIfDone(context)
    }

    private func act(_ action: RequestAssembly.Action, _ context: ChannelHandlerContext) {
        switch action {
        case .nothing: break
        case .sendContinue:
            let line = ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")
            context.writeAndFlush(wrapOutboundOut(line), promise: nil)
        case .answer(let request): hand(over: request)
        case .refuse(let error):
            let response = Response.problem(Problem(error), trace: nil, route: nil)
            write(response, to: nil, isLast: true, context)
        }
    }

    private func hand(over request: ReceivedRequest) {
        bodyTimer?.cancel()
        bodyTimer = nil
        if let waiting {
            self.waiting = nil
            waiting.resume(returning: request)
        } else {
            received = request
        }
    }

    // MARK: The connection

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        watchIdleness(from: .now(), context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        self.context = nil
    }

    private func closeIfDone(_ context: ChannelHandlerContext) {
        switch requests.state {
        case .idle: if isInputClosed || isQuiescing { context.close(promise: nil) }
        case .closed: if isInputClosed { context.close(promise: nil) }
        case .receiving, .answering: break
        }
    }

    private func end() {
        requests.close()
        idleTimer?.cancel()
        bodyTimer?.cancel()
        waiting?.resume(returning: nil)
        waiting = nil
    }

    /// One timer for a connection, however many requests it has.
    private func watchIdleness(from start: NIODeadline, _ context: ChannelHandlerContext) {
        idleTimer = context.eventLoop.assumeIsolated().scheduleTask(
            deadline: start + limits.idleTime
        ) {
            guard case .idle(let since) = self.requests.state else {
                self.watchIdleness(from: .now(), context)
                return
            }
            if since + self.limits.idleTime <= .now() {
                context.close(promise: nil)
            } else {
                self.watchIdleness(from: since, context)
            }
        }
    }

    /// Someone who sends a byte now and then keeps nothing for longer than this.
    private func watchBody(of request: ReceivedRequest, _ context: ChannelHandlerContext) {
        let time = min(request.terms.remaining, limits.bodyTime)
        bodyTimer = context.eventLoop.assumeIsolated().scheduleTask(
            in: .microseconds(time.wholeMicroseconds)
        ) {
            self.act(self.requests.giveUp(.deadlineExceeded(tier: .bankServer)), context)
        }
    }
}
