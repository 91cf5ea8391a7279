import Chain
import NIOCore

extension ConnectionHandler {
    /// One timer for a connection, however many requests it has.
    func watchIdleness(from start: NIODeadline, _ context: ChannelHandlerContext) {
        let idleTime = server.limits.idleTime
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
    func watchPresence(_ context: ChannelHandlerContext) {
        timers.presence?.cancel()
        let takesInterimAnswers = requests.answering?.head.isHTTP11 == true
        guard isInputClosed, stream == nil, takesInterimAnswers else { return }
        timers.presence = context.eventLoop.assumeIsolated().scheduleTask(
            in: server.limits.presenceTime
        ) {
            guard self.requests.isAnswering, !self.isAnswerHeldUp else { return }
            // RFC 9110, section 15.2.
            let line = ByteBuffer(string: "HTTP/1.1 102 Processing\r\n\r\n")
            context.writeAndFlush(self.wrapOutboundOut(line), promise: nil)
            self.watchPresence(context)
        }
    }

    /// Someone who sends a byte now and then keeps nothing for longer than this. Most bodies arrive at
    /// once, and need no timer.
    func watchBody(_ context: ChannelHandlerContext) {
        guard case .receiving(let exchange) = requests.state, timers.body == nil else { return }
        let time = min(exchange.admission.bodyTime, server.limits.bodyTime)
        timers.body = context.eventLoop.assumeIsolated().scheduleTask(
            in: .microseconds(time.wholeMicroseconds)
        ) {
            self.perform(self.requests.abort(.bodyTimedOut), context)
        }
    }
}
