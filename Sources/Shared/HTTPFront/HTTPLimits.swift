import Chain
public import NIOCore
import NIOHTTP1

/// The bounds of what a server accepts.
public struct HTTPLimits: Sendable {
    /// All header fields together; the path counts as one of them.
    public var headerBytes = 16 * 1024
    public var headerFields = 100
    /// The bodies of all requests together.
    public var allBodiesBytes = 256 * 1024 * 1024
    /// How long a body may take to arrive, whatever time its request allows.
    public var bodyTime = Duration.seconds(5)
    /// Past it connections wait to be accepted. Some descriptors are for everything else.
    public var connections = min(10_000, max(64, FileDescriptorLimit.raise() - 64))
    /// How long a connection may be idle, or take to send a request's head or to read its last answer,
    /// or a stream's reader may take nothing.
    public var idleTime = TimeAmount.seconds(60)
    /// The same while the server shuts down.
    public var quiescingTime = TimeAmount.seconds(3)
    /// Between two looks whether a caller that has closed its side still waits for a slow answer.
    public var presenceTime = TimeAmount.seconds(1)
    /// How long a caller may take to close its side after the last answer.
    public var lingerTime = TimeAmount.seconds(1)
    /// How many streams may be open at a time.
    public var streams = 1000
    /// What a stream's reader may leave unread, besides what the system keeps for it.
    public var unreadStreamBytes = 256 * 1024
    /// Between two heartbeats of a stream.
    public var heartbeat = TimeAmount.seconds(15)

    public init() {}

    /// The decoder's part of the limits.
    var decoder: NIOHTTPDecoderLimitConfiguration {
        var configuration = NIOHTTPDecoderLimitConfiguration()
        configuration.maxHeaderFieldSize = headerBytes
        configuration.maxHeaderListSize = headerBytes
        configuration.maxHeaderFieldCount = headerFields
        return configuration
    }
}
