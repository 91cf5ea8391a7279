import BankAPI
import Chain
import NIOCore
import NIOHTTP1

/// The bounds of what hop 1 accepts.
struct HTTPLimits: Sendable {
    /// The longest path with its query.
    var pathBytes = 2048
    /// All header fields together; the path counts as one of them.
    var headerBytes = 16 * 1024
    var headerFields = 100
    /// The longest body, but for lists.
    var bodyBytes = 64 * 1024
    /// The longest body that is a list.
    var listBytes = 1024 * 1024
    /// The bodies of all requests together.
    var allBodiesBytes = 256 * 1024 * 1024
    /// How long a body may take to arrive, whatever time its request allows.
    var bodyTime = Duration.seconds(5)
    /// Past it connections wait to be accepted. Some descriptors are for everything else.
    var connections = min(10_000, max(64, FileDescriptorLimit.raise() - 64))
    /// How long a connection may be idle, or take to send a request's head or to read its last answer.
    var idleTime = TimeAmount.seconds(60)
    /// The same while the server shuts down.
    var quiescingTime = TimeAmount.seconds(3)
    /// Between two looks whether a caller that has closed its side still waits for a slow answer.
    var presenceTime = TimeAmount.seconds(1)
    /// How long a caller may take to close its side after the last answer.
    var lingerTime = TimeAmount.seconds(1)

    func checkPath(_ head: HTTPRequestHead) throws(Problem) {
        guard head.uri.utf8.count <= pathBytes else {
            throw Problem(
                .pathTooLong, detail: "A path may have \(pathBytes) bytes, with its query.")
        }
        guard head.uri.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw .invalid("A path has no characters but ASCII's: others are percent-encoded.")
        }
    }

    /// The largest body, in bytes.
    func body(of route: MatchedRoute?) -> Int {
        route?.takesLists == true ? listBytes : bodyBytes
    }

    /// The decoder's part of the limits.
    var decoder: NIOHTTPDecoderLimitConfiguration {
        var configuration = NIOHTTPDecoderLimitConfiguration()
        configuration.maxHeaderFieldSize = headerBytes
        configuration.maxHeaderListSize = headerBytes
        configuration.maxHeaderFieldCount = headerFields
        return configuration
    }
}
