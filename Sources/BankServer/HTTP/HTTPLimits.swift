import BankAPI
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// The bounds of what hop 1 accepts.
struct HTTPLimits: Sendable {
    static let loggedPathCharacters = 200

    /// The longest path with its query.
    var pathBytes = 2048
    /// All header fields together; the path counts as one of them.
    var headerBytes = 16 * 1024
    var headerFields = 100
    /// No route takes a body. Past this length it is called too large rather than out of place.
    var bodyBytes = 64 * 1024
    var connections = 10_000
    /// How long a connection may be idle, or take to send a request's head.
    var idleTime = TimeAmount.seconds(60)

    /// What can be refused by the head of a request alone.
    func check(_ head: HTTPRequest) throws(Problem) {
        guard (head.path?.utf8.count ?? 0) <= pathBytes else {
            throw Problem(.pathTooLong, detail: "A path may have \(pathBytes) bytes, with its query.")
        }
        let fields = head.headerFields
        if let text = fields[.contentLength], let length = Int(text), length > 0 {
            throw length > bodyBytes
                ? Problem(.bodyTooLarge, detail: "A body may have \(bodyBytes) bytes.")
                : Problem(.bodyNotAllowed, detail: "Send the request without a body.")
        }
        if fields[.transferEncoding] != nil {
            throw Problem(.bodyNotAllowed, detail: "Send the request without a body.")
        }
    }

    /// The HTTP/1.1 connection's part of the limits.
    var channel: HTTP1Channel.Configuration {
        HTTP1Channel.Configuration(
            additionalChannelHandlers: [ConnectionHandler()], idleTimeout: idleTime,
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: headerBytes, maxHeaderListSize: headerBytes,
                maxHeaderFieldCount: headerFields))
    }
}
