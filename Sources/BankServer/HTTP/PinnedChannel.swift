import Chain
import HummingbirdCore
import Logging
import NIOCore

/// Hummingbird's HTTP/1.1 connection, with its tasks on the connection's own event loop: a request
/// is then read, handled and answered by one thread, whatever the number of loops.
struct PinnedChannel: ServerChildChannel {
    let base: HTTP1Channel

    func setup(
        channel: any Channel, logger: Logger
    ) -> EventLoopFuture<HTTP1Channel.Value> {
        base.setup(channel: channel, logger: logger)
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async {
        let executor = EventLoopTaskExecutor(value.channel.eventLoop)
        await withTaskExecutorPreference(executor) {
            await base.handle(value: value, logger: logger)
        }
    }
}
