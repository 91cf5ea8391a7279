import NIOCore
import NIOHTTP1

extension ConnectionHandler {
    /// - Returns: `nil` when there is no place for one.
    func openStream(_ headers: HTTPHeaders, for exchange: Exchange) -> EventStream? {
        guard let context, requests.isAnswering, let place = placeForStream(context) else {
            return nil
        }
        let isChunked = exchange.head.isHTTP11
        let stream = EventStream(
            self, place: place, isChunked: isChunked,
            closesConnection: !isChunked || isLast(exchange))
        self.stream = stream
        timers.presence?.cancel()
        exchange.willAnswer(.ok)
        clearOutput()
        output.writeStreamHead(
            headers, stream, fields: server.fields, date: server.date)
        context.writeAndFlush(wrapOutboundOut(output), promise: nil)
        beatHeart(context)
        return stream
    }

    private func placeForStream(_ context: ChannelHandlerContext) -> Int? {
        let eventLoop = context.eventLoop
        let connection = NIOLoopBound(self, eventLoop: eventLoop)
        return server.drain.streams.open(limit: server.limits.streams) {
            eventLoop.execute { connection.value.endStream() }
        }
    }

    func sendOnStream(_ event: ByteBuffer) {
        guard let stream, let context else { return }
        clearOutput()
        if stream.isChunked { output.writeChunk(event) } else { output.writeImmutableBuffer(event) }
        let unread = try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)
        guard (unread ?? 0) + output.readableBytes <= server.limits.unreadStreamBytes else {
            context.close(promise: nil)
            return
        }
        context.writeAndFlush(wrapOutboundOut(output), promise: nil)
        // Writing may end the connection, too.
        if self.stream != nil, !isAnswerHeldUp, !context.channel.isWritable { holdUp(context) }
    }

    /// A stream that is quiet is not taken for a dead one on the way, and who is gone is found out.
    private func beatHeart(_ context: ChannelHandlerContext) {
        timers.heartbeat?.cancel()
        guard stream != nil else { return }
        timers.heartbeat = context.eventLoop.assumeIsolated().scheduleTask(
            in: server.limits.heartbeat
        ) {
            self.sendOnStream(ServerSentEvent.heartbeat)
            self.beatHeart(context)
        }
    }

    func endStream() {
        guard let stream, let context else { return }
        dropStream()
        if stream.isChunked {
            let end = ByteBuffer(string: "0\r\n\r\n")
            context.writeAndFlush(wrapOutboundOut(end), promise: nil)
        }
        guard let exchange = requests.answering else { return }
        if stream.closesConnection || isLast(exchange) {
            close(context)
        } else if !isAnswerHeldUp {
            didAnswer(context)
        }
    }

    /// The stream's place is another's.
    func dropStream() {
        guard let stream else { return }
        self.stream = nil
        timers.heartbeat?.cancel()
        server.drain.streams.close(stream.place)
        stream.didEnd()
    }
}
