import BankAPI
import Chain
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
    /// The longest body, but for lists.
    var bodyBytes = 64 * 1024
    /// The longest body that is a list.
    var listBytes = 1024 * 1024
    /// How long a body may take to arrive, whatever time its request allows.
    var bodyTime = Duration.seconds(5)
    /// Past it connections wait to be accepted. Some descriptors are for everything else.
    var connections = min(10_000, max(64, FileDescriptorLimit.raise() - 64))
    /// How long a connection may be idle, or take to send a request's head.
    var idleTime = TimeAmount.seconds(60)

    func checkPath(_ head: HTTPRequest) throws(Problem) {
        guard (head.path?.utf8.count ?? 0) <= pathBytes else {
            throw Problem(
                .pathTooLong, detail: "A path may have \(pathBytes) bytes, with its query.")
        }
    }

    /// Refuses a body where there is to be none by the head of its request alone; nobody reads it.
    func checkNoBody(_ head: HTTPRequest) throws(Problem) {
        guard head.announcesBody else { return }
        try checkLength(head, limit: bodyBytes)
        throw Problem(.bodyNotAllowed, detail: "Send the request without a body.")
    }

    /// Refuses a body that is announced to be larger than `limit`, in bytes.
    func checkLength(_ head: HTTPRequest, limit: Int) throws(Problem) {
        guard let text = head.headerFields[.contentLength] else { return }
        guard let length = Int(text), length <= limit else { throw Self.bodyTooLarge(limit) }
    }

    static func bodyTooLarge(_ limit: Int) -> Problem {
        Problem(.bodyTooLarge, detail: "A body may have \(limit) bytes here.")
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

extension HTTPRequest {
    /// Whether a body follows the head: RFC 9112, section 6.3.
    var announcesBody: Bool {
        if headerFields[.transferEncoding] != nil { return true }
        guard let length = headerFields[.contentLength] else { return false }
        return length != "0"
    }
}
