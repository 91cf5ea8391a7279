import BankAPI
import Chain
import NIOCore
import NIOHTTP1

/// Puts a connection's requests together, one at a time, and writes their answers.
///
/// What a caller sends before it has the answer to its last request (pipelining: RFC 9112, section 9.3)
/// waits here, and nothing more is read meanwhile.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    private enum State {
        /// Nothing is asked.
        case idle(since: NIODeadline)
        /// A request is on its way.
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
    private var output = ByteBuffer()

    /// What arrived while there was no answer yet, in order.
    private var pipelined = CircularBuffer<Result<HTTPServerRequestPart, HTTPParserError>>(
        initialCapacity: 0)
    private var isReadHeld = false
    /// What comes belongs to a body that nobody reads.
    private var isDiscarding = false
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
        self.responder = responder
    }

    // MARK: What its task asks

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
        let isLast =
            response.isLast || !request.isKeepAlive || isQuiescing
            || isInputClosed && pipelined.isEmpty
        write(response, to: request, isLast: isLast, context)
        if isLast {
            close(context)
        } else {
            state = .idle(since: .now())
            takePipelined(context)
        }
    }

    private func write(
        _ response: Response, to request: HTTPRequestHead?, isLast: Bool,
        _ context: ChannelHandlerContext
    ) {
        output.clear()
        output.write(response, to: request, isLast: isLast)
        context.writeAndFlush(wrapOutboundOut(output), promise: nil)
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

    private func end() {
        state = .closed
        idleTimer?.cancel()
        bodyTimer?.cancel()
        pipelined.removeAll()
        waiting?.resume(returning: nil)
        waiting = nil
    }

    // MARK: What the caller sends

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        take(.success(unwrapInboundIn(data)), context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? HTTPParserError {
            take(.failure(error), context)
        } else {
            context.close(promise: nil)
        }
    }

    private func take(
        _ part: Result<HTTPServerRequestPart, HTTPParserError>, _ context: ChannelHandlerContext
    ) {
        switch (part, state) {
        case (_, .closed): break
        case (_, .answering): if !isDiscarding { pipelined.append(part) }
        case (.success(.head(let head)), .idle): begin(head, context)
        case (.success(.body(let part)), .receiving(var request)):
            // Without a second owner the body grows in place.
            state = .answering
            append(part, to: &request)
        case (.success(.end), .receiving(var request)):
            request.isBodyRead = true
            hand(over: request)
        case (.failure, .receiving(let request)): giveUp(request, .bodyEndedEarly)
        case (.failure(let error), .idle): refuse(error, context)
        case (.success, .idle), (.success(.head), .receiving): break
        }
    }

    private func takePipelined(_ context: ChannelHandlerContext) {
        while case .idle = state, !pipelined.isEmpty { takeFirstPipelined(context) }
        while case .receiving = state, !pipelined.isEmpty { takeFirstPipelined(context) }
        if isReadHeld, pipelined.isEmpty {
            isReadHeld = false
            context.read()
        }
        if case .idle = state, isInputClosed { close(context) }
    }

    private func takeFirstPipelined(_ context: ChannelHandlerContext) {
        take(pipelined.removeFirst(), context)
    }

    func read(context: ChannelHandlerContext) {
        if pipelined.isEmpty {
            context.read()
        } else {
            isReadHeld = true
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let terms = RequestTerms(head)
        var request = ReceivedRequest(head: head, terms: terms)
        do throws(Problem) {
            try responder.admit(head, terms)
        } catch {
            request.problem = error
            if head.announcesBody {
                giveUp(request, error)
                return
            }
        }
        state = .receiving(request)
        if head.headers.first(name: "expect")?.lowercased() == "100-continue" {
            let go = ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")
            context.writeAndFlush(wrapOutboundOut(go), promise: nil)
        }
    }

    private func append(_ part: ByteBuffer, to request: inout ReceivedRequest) {
        let limit = limits.body(of: request.terms.route)
        if request.body.count + part.readableBytes <= limit {
            request.body.append(contentsOf: part.readableBytesView)
            state = .receiving(request)
        } else {
            giveUp(request, HTTPLimits.bodyTooLarge(limit))
        }
    }

    /// Answers without the rest of the request.
    private func giveUp(_ request: ReceivedRequest, _ problem: Problem) {
        var request = request
        request.problem = problem
        isDiscarding = true
        hand(over: request)
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

    /// Answers what is no request.
    private func refuse(_ error: HTTPParserError, _ context: ChannelHandlerContext) {
        let response = Response.problem(Problem(error), trace: nil, route: nil)
        write(response, to: nil, isLast: true, context)
        close(context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed: isInputClosed = true
        case is ChannelShouldQuiesceEvent: isQuiescing = true
        default: context.fireUserInboundEventTriggered(event)
        }
        switch state {
        case .idle: if isInputClosed || isQuiescing { context.close(promise: nil) }
        case .receiving(let request): if isInputClosed { giveUp(request, .bodyEndedEarly) }
        case .answering: break
        case .closed: if isInputClosed { context.close(promise: nil) }
        }
    }

    // MARK: The connection

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        watchIdleness(from: .now(), context)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // Most bodies arrive at once, and need no timer.
        if case .receiving(let request) = state, bodyTimer == nil {
            watchBody(of: request, context)
        }
        context.fireChannelReadComplete()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        self.context = nil
    }

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

    fileprivate init(_ error: HTTPParserError) {
        switch error {
        case .headerOverflow:
            self.init(
                .headersTooLarge, detail: "The request's head is larger than is accepted.")
        default: self.init(.requestInvalid, detail: "That is not HTTP/1.1.")
        }
    }
}
