import BankAPI
import Chain
import NIOCore
import NIOHTTP1

/// Puts a connection's requests together, one at a time, and writes their answers.
///
/// `HTTPServerPipelineHandler` in front of it holds back what a caller sends before it has its answer.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// How long the caller may take to close its side. Closing ours at once, with bytes of its
    /// request unread, would reset the connection and lose the answer: RFC 9112, section 9.6.
    static let lingering = TimeAmount.seconds(1)

    private enum State {
        /// Nothing is asked.
        case idle(since: NIODeadline)
        /// A body is on its way.
        case receiving(ReceivedRequest)
        /// A request was handed over, and has no answer yet.
        case answering
        /// The last answer was given, and nothing more is heard; or there is no connection any more.
        case closed
    }

    private let limits: HTTPLimits
    private let responder: BankResponder
    private var state = State.idle(since: .now())
    private var context: ChannelHandlerContext?
    /// Bounds how long nothing may be asked.
    private var idleTimer: Scheduled<Void>?
    /// Bounds how long a body may take.
    private var bodyTimer: Scheduled<Void>?
    /// Whether the caller will ask nothing more.
    private var isInputClosed = false
    /// Whoever waits for a request, or the request that waits.
    private var waiting: CheckedContinuation<ReceivedRequest?, Never>?
    private var received: ReceivedRequest?

    init(limits: HTTPLimits, responder: BankResponder) {
        self.limits = limits
        self.responder = responder
    }

    // MARK: Its task's side

    func nextRequest(to continuation: CheckedContinuation<ReceivedRequest?, Never>) {
        if let request = received {
            received = nil
            continuation.resume(returning: request)
        } else if case .closed = state {
            continuation.resume(returning: nil)
        } else {
            waiting = continuation
        }
    }

    func send(_ response: Response, to request: HTTPRequestHead) {
        guard case .answering = state, let context else { return }
        var response = response
        let isLast =
            !request.isKeepAlive || isInputClosed || response.headers.contains(name: "connection")
        if isLast {
            response.headers.replaceOrAdd(name: "connection", value: "close")
        } else if request.version == .http1_0 {
            response.headers.add(name: "connection", value: "keep-alive")
        }
        // First the state: the end of an answer lets the next request in.
        state = isLast ? .closed : .idle(since: .now())
        write(response, withBody: request.method != .HEAD, context)
        if isLast { close(context) }
    }

    private func write(_ response: Response, withBody: Bool, _ context: ChannelHandlerContext) {
        var headers = response.headers
        headers.add(name: "content-length", value: String(response.body.readableBytes))
        let head = HTTPResponseHead(
            version: .http1_1, status: response.status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if withBody {
            context.write(wrapOutboundOut(.body(.byteBuffer(response.body))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    /// Says that nothing more comes, and closes when the caller has done so as well.
    private func close(_ context: ChannelHandlerContext) {
        end()
        guard !isInputClosed else {
            context.close(promise: nil)
            return
        }
        context.close(mode: .output, promise: nil)
        let channel = context.channel
        context.eventLoop.scheduleTask(in: Self.lingering) { channel.close(promise: nil) }
    }

    private func end() {
        state = .closed
        idleTimer?.cancel()
        bodyTimer?.cancel()
        waiting?.resume(returning: nil)
        waiting = nil
    }

    // MARK: The caller's side

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        watchIdleness(from: .now(), context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), state) {
        case (.head(let head), .idle): begin(head, context)
        case (.body(let part), .receiving(var request)):
            // Without a second owner the body grows in place.
            state = .answering
            append(part, to: &request)
        case (.end, .receiving(var request)):
            request.isBodyRead = true
            hand(over: request)
        // What comes after the last answer, or belongs to a body that nobody reads.
        default: break
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let terms = RequestTerms(head)
        var request = ReceivedRequest(head: head, terms: terms)
        do throws(Problem) {
            try responder.admit(head, terms)
        } catch {
            request.problem = error
        }
        guard request.problem == nil, head.announcesBody else {
            hand(over: request)
            return
        }
        state = .receiving(request)
        if head.headers.first(name: "expect")?.lowercased() == "100-continue" {
            let go = HTTPResponseHead(version: .http1_1, status: .continue)
            context.writeAndFlush(wrapOutboundOut(.head(go)), promise: nil)
        }
    }

    private func append(_ part: ByteBuffer, to request: inout ReceivedRequest) {
        let limit = limits.body(of: request.terms.route)
        if request.body.count + part.readableBytes <= limit {
            request.body.append(contentsOf: part.readableBytesView)
            state = .receiving(request)
        } else {
            request.problem = HTTPLimits.bodyTooLarge(limit)
            hand(over: request)
        }
    }

    private func hand(over request: ReceivedRequest) {
        bodyTimer?.cancel()
        bodyTimer = nil
        state = .answering
        if let waiting {
            self.waiting = nil
            waiting.resume(returning: request)
        } else {
            received = request
        }
    }

    private func giveUp(_ request: ReceivedRequest, _ problem: Problem) {
        var request = request
        request.problem = problem
        hand(over: request)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // Most bodies arrive at once, and need no timer.
        if case .receiving(let request) = state, bodyTimer == nil {
            watchBody(of: request, context)
        }
        context.fireChannelReadComplete()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case ChannelEvent.inputClosed = event else {
            context.fireUserInboundEventTriggered(event)
            return
        }
        isInputClosed = true
        switch state {
        case .answering: break
        case .receiving(let request): giveUp(request, .bodyEndedEarly)
        case .idle, .closed: context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else {
            context.close(promise: nil)
            return
        }
        switch state {
        case .idle:
            let problem = Problem(notHTTP: error)
            var response = Response.problem(problem, trace: nil, route: nil)
            response.headers.add(name: "connection", value: "close")
            state = .closed
            write(response, withBody: true, context)
            close(context)
        case .receiving(let request): giveUp(request, .bodyEndedEarly)
        case .answering, .closed: break
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        self.context = nil
    }

    // MARK: Timers

    /// One timer for a connection, however many requests it has.
    private func watchIdleness(from start: NIODeadline, _ context: ChannelHandlerContext) {
        idleTimer = context.eventLoop.assumeIsolated().scheduleTask(
            deadline: start + limits.idleTime
        ) {
            guard case .idle(let since) = self.state else {
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
            guard case .receiving(let request) = self.state else { return }
            self.giveUp(request, .deadlineExceeded(tier: .bankServer))
        }
    }
}

extension Problem {
    fileprivate static var bodyEndedEarly: Problem { .invalid("The body ended early.") }

    fileprivate init(notHTTP error: HTTPParserError) {
        switch error {
        case .headerOverflow:
            self.init(
                .headersTooLarge, detail: "The request's head is larger than is accepted.")
        default: self.init(.requestInvalid, detail: "That is not HTTP/1.1.")
        }
    }
}
