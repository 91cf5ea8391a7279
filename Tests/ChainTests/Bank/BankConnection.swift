import Chain
import NIOCore
import NIOHTTP1
import NIOPosix
import TestSupport

/// An answer of the bank server.
struct HTTPAnswer: Sendable {
    var status: Int
    var headers: HTTPHeaders
    var body: String

    /// The problem's code, or nothing for an invalid answer.
    var problemCode: String? {
        body.firstMatch(of: /"code" ?: ?"([a-z_]+)"/).map { String($0.1) }
    }

    subscript(header: String) -> String? { headers.first(name: header) }
}

/// The outcome of a request that may have changed something.
enum Reply: Sendable {
    case answered(HTTPAnswer)
    /// There was no connection to send it on: no server has seen it.
    case notSent(String)
    /// It was sent, and nothing came.
    case lost(String)
    /// The answer had begun, and did not come to its end.
    case cut(String)
}

/// HTTP/1.1 on one connection, made anew when it has ended. Never sends a request twice, as a client library
/// may: a test knows the outcome of each.
struct BankConnection {
    let address: HostAndPort
    /// The address of this end; nil: any.
    private let source: String?
    private var channel: (any Channel)?
    /// How many answers the connection has carried.
    private(set) var answers = 0

    init(_ address: HostAndPort, from source: String? = nil) {
        self.address = address
        self.source = source
    }

    /// Asks as ``TestSession/tester``, where the headers name nobody else.
    ///
    /// - Parameters:
    ///   - headers: An empty `authorization` says that it is not sent at all.
    ///   - timeout: what the bank is given.
    ///   - patience: how much later the connection is cut.
    mutating func send(
        _ method: String, _ path: String, body: [UInt8] = [], headers: [String: String] = [:],
        timeout: Duration, patience: Duration = .seconds(1)
    ) async -> Reply {
        let channel: any Channel
        do {
            channel = try await connected()
        } catch {
            return .notSent("\(error)")
        }
        var head = HTTPRequestHead(
            version: .http1_1, method: HTTPMethod(rawValue: method), uri: path,
            headers: HTTPHeaders(headers.map { ($0.key, $0.value) }))
        head.headers.add(name: "host", value: "\(address)")
        if !head.headers.contains(name: "authorization") {
            head.headers.add(name: "authorization", value: TestSession.tester.authorization)
        }
        if head.headers.first(name: "authorization") == "" {
            head.headers.remove(name: "authorization")
        }
        head.headers.add(name: GRPCTimeout.headerName, value: "\(GRPCTimeout(timeout))")
        head.headers.add(name: "content-length", value: "\(body.count)")
        if !body.isEmpty { head.headers.add(name: "content-type", value: "application/json") }
        let reply = channel.eventLoop.makePromise(of: Reply.self)
        let question = Question(head: head, body: ByteBuffer(bytes: body), reply: reply)
        channel.writeAndFlush(question).whenFailure { reply.succeed(.lost("\($0)")) }
        let milliseconds = Int64((timeout + patience) / .milliseconds(1))
        let bound = channel.eventLoop.scheduleTask(in: .milliseconds(milliseconds)) {
            channel.close(promise: nil)
        }
        defer { bound.cancel() }
        let result = (try? await reply.futureResult.get()) ?? .lost("no answer")
        if case .answered = result { answers += 1 }
        return result
    }

    /// Whether a request got no answer because nobody accepts any more: a connection that ends before it
    /// has carried any answer may have waited in the queue of a socket that was closed, and no process
    /// has seen it.
    func isTurnedAway(_ reply: Reply) -> Bool {
        switch reply {
        case .notSent: true
        case .lost: answers == 0
        case .answered, .cut: false
        }
    }

    func close() {
        channel?.close(promise: nil)
    }

    private mutating func connected() async throws -> any Channel {
        if let channel, channel.isActive { return channel }
        channel = nil
        var bootstrap = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        if let source { bootstrap = bootstrap.bind(to: try .init(ipAddress: source, port: 0)) }
        let made = try await bootstrap.connectTimeout(.seconds(2))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(AnswerHandler())
                }
            }
            .connect(host: address.host, port: address.port).get()
        channel = made
        answers = 0
        return made
    }
}

private struct Question: Sendable {
    let head: HTTPRequestHead
    let body: ByteBuffer
    let reply: EventLoopPromise<Reply>
}

/// Gives each question what comes after it, as one answer.
private final class AnswerHandler: ChannelDuplexHandler {
    typealias OutboundIn = Question
    typealias OutboundOut = HTTPClientRequestPart
    typealias InboundIn = HTTPClientResponsePart

    private var reply: EventLoopPromise<Reply>?
    private var head: HTTPResponseHead?
    private var body = ByteBuffer()

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let question = unwrapOutboundIn(data)
        reply = question.reply
        head = nil
        body.clear()
        context.write(wrapOutboundOut(.head(question.head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(question.body))), promise: nil)
        context.write(wrapOutboundOut(.end(nil)), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body(var bytes): body.writeBuffer(&bytes)
        case .end:
            guard let head, let reply else { return }
            self.reply = nil
            // Before the answer is known: the next question is for another connection.
            if !head.isKeepAlive { context.close(promise: nil) }
            reply.succeed(
                .answered(
                    HTTPAnswer(
                        status: Int(head.status.code), headers: head.headers,
                        body: String(buffer: body))))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end("the connection ended")
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end("\(error)")
        context.close(promise: nil)
    }

    private func end(_ why: String) {
        reply?.succeed(head == nil ? .lost(why) : .cut(why))
        reply = nil
    }
}
