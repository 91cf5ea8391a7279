import BankAPI
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Ends a connection the way HTTP wants it: with a problem for what is not HTTP, and not before the
/// caller could read a last answer.
final class ConnectionHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// How long the caller may take to close its side. Closing ours at once, with bytes of its
    /// request unread, would reset the connection and lose the answer: RFC 9112, section 9.6.
    static let lingering = TimeAmount.seconds(1)

    private var requestsInProgress = 0
    private var isLastResponse = false
    private var isClosing = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // After the last answer nothing more is heard.
        guard !isClosing else { return }
        if case .head = unwrapInboundIn(data) { requestsInProgress += 1 }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head):
            if head.headerFields[.connection] == "close" { isLastResponse = true }
            context.write(data, promise: promise)
        case .body:
            context.write(data, promise: promise)
        case .end:
            requestsInProgress -= 1
            guard isLastResponse else {
                context.write(data, promise: promise)
                return
            }
            context.writeAndFlush(data, promise: promise)
            close(context: context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError, requestsInProgress == 0, !isClosing else {
            context.fireErrorCaught(error)
            return
        }
        let problem = Self.problem(error)
        let body = problem.body
        let head = HTTPResponse(
            status: HTTPResponse.Status(code: problem.status),
            headerFields: [
                .contentType: Problem.mediaType, .contentLength: String(body.readableBytes),
                .connection: "close",
            ])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(body)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        close(context: context)
    }

    private func close(context: ChannelHandlerContext) {
        isClosing = true
        context.close(mode: .output, promise: nil)
        let channel = context.channel
        context.eventLoop.scheduleTask(in: Self.lingering) { channel.close(promise: nil) }
    }

    private static func problem(_ error: HTTPParserError) -> Problem {
        switch error {
        case .headerOverflow:
            Problem(.headersTooLarge, detail: "The request's head is larger than is accepted.")
        default:
            Problem(.requestInvalid, detail: "That is not HTTP/1.1.")
        }
    }
}
