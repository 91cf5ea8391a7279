import NIOCore

/// What ends a connection, or a request on it, that takes too long.
struct ConnectionTimers {
    /// Bounds how long nothing may be asked.
    var idle: Scheduled<Void>?
    /// Bounds how long a body may take.
    var body: Scheduled<Void>?
    /// Asks whether a caller that has closed its side is still there.
    var presence: Scheduled<Void>?
    /// Tells a stream's reader that it lives.
    var heartbeat: Scheduled<Void>?
    /// Bounds how long the caller may take to read, and then to close its side.
    private var closing: Scheduled<Void>?

    mutating func close(_ context: ChannelHandlerContext, in time: TimeAmount) {
        closing?.cancel()
        closing = context.eventLoop.assumeIsolated().scheduleTask(in: time) {
            context.close(promise: nil)
        }
    }

    mutating func keepOpen() {
        closing?.cancel()
    }

    mutating func cancel() {
        idle?.cancel()
        body?.cancel()
        presence?.cancel()
        heartbeat?.cancel()
        closing?.cancel()
    }
}
