import HTTPFront
import NIOCore
import NIOHTTP1

/// A connection of hop 1 as its task sees it.
///
/// Requests are taken and answers sent on the connection's event loop, where its task runs.
struct Connection: Sendable {
    let channel: any Channel
    private let handler: NIOLoopBound<ConnectionHandler>

    /// Made on the channel's event loop.
    init(channel: any Channel, handler: ConnectionHandler) {
        self.channel = channel
        self.handler = NIOLoopBound(handler, eventLoop: channel.eventLoop)
    }

    /// Waits for the next request; an answer to the one before must have been sent.
    ///
    /// - Returns: `nil` when there will be none any more.
    func nextRequest() async -> ReceivedRequest? {
        await withCheckedContinuation { handler.value.nextRequest(to: $0) }
    }

    /// - Parameter head: The request's.
    func send(_ response: Response, to head: HTTPRequestHead) {
        handler.value.send(response, to: head)
    }

    /// Closes once what is in progress was answered, at once when there is nothing.
    func quiesce() {
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }

    func close() {
        channel.close(promise: nil)
    }

    /// The caller takes its last answer before that, for which it has only so much time.
    func waitUntilClosed() async {
        try? await channel.closeFuture.get()
    }
}
