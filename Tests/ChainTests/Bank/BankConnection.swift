import Chain
import NIOCore
import NIOPosix

/// The outcome of a request that may have changed something.
enum Reply: Sendable {
    case answered(HTTPAnswer)
    /// There was no connection to send it on: no server has seen it.
    case notSent(String)
    /// It was sent, and no whole answer came.
    case lost(String)
}

/// HTTP/1.1 on one connection, made anew when it has ended. Never sends a request twice.
struct BankConnection {
    let address: HostAndPort
    private var channel: (any Channel)?
    /// How many answers the connection has carried.
    private(set) var answers = 0

    init(_ address: HostAndPort) {
        self.address = address
    }

    /// - Parameter timeout: what the bank is given; a little later the connection is cut.
    mutating func send(
        _ method: String, _ path: String, body: [UInt8] = [], headers: [String: String] = [:],
        timeout: Duration
    ) async -> Reply {
        let channel: any Channel
        do {
            channel = try await connected()
        } catch {
            return .notSent("\(error)")
        }
        let head = """
            \(method) \(path) HTTP/1.1\r
            Host: \(address)\r
            grpc-timeout: \(GRPCTimeout(timeout))\r
            Content-Length: \(body.count)\r
            \(headers.map { "\($0.key): \($0.value)\r\n" }.joined())\
            \(body.isEmpty ? "" : "Content-Type: application/json\r\n")\r\n
            """
        let reply = channel.eventLoop.makePromise(of: Reply.self)
        let question = Question(
            bytes: ByteBuffer(string: head + String(decoding: body, as: UTF8.self)), reply: reply)
        channel.writeAndFlush(question).whenFailure { reply.succeed(.lost("\($0)")) }
        let milliseconds = Int64((timeout + .seconds(1)) / .milliseconds(1))
        let bound = channel.eventLoop.scheduleTask(in: .milliseconds(milliseconds)) {
            channel.close(promise: nil)
        }
        defer { bound.cancel() }
        let result = (try? await reply.futureResult.get()) ?? .lost("no answer")
        if case .answered = result { answers += 1 }
        return result
    }

    func close() {
        channel?.close(promise: nil)
    }

    private mutating func connected() async throws -> any Channel {
        if let channel, channel.isActive { return channel }
        channel = nil
        let made = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connectTimeout(.seconds(2))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
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
    let bytes: ByteBuffer
    let reply: EventLoopPromise<Reply>
}

/// Gives each question the bytes that come after it, as one answer.
private final class AnswerHandler: ChannelDuplexHandler {
    typealias OutboundIn = Question
    typealias OutboundOut = ByteBuffer
    typealias InboundIn = ByteBuffer

    private var reply: EventLoopPromise<Reply>?
    private var received = ByteBuffer()

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let question = unwrapOutboundIn(data)
        reply = question.reply
        received.clear()
        context.write(wrapOutboundOut(question.bytes), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        received.writeBuffer(&bytes)
        guard let answer = HTTPAnswer(parsing: received) else { return }
        let reply = reply
        self.reply = nil
        // Before the answer is known: the next question is for another connection.
        if answer.headers["connection"] == "close" { context.close(promise: nil) }
        reply?.succeed(.answered(answer))
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(.lost("the connection ended after \(received.readableBytes) bytes"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(.lost("\(error)"))
        context.close(promise: nil)
    }

    private func end(_ result: Reply) {
        reply?.succeed(result)
        reply = nil
    }
}
