import BankAPI
import Chain
import NIOCore
import NIOHTTP1

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
    /// How long a caller may take to close its side after the last answer.
    var lingerTime = TimeAmount.seconds(1)

    func checkPath(_ head: HTTPRequestHead) throws(Problem) {
        guard head.uri.utf8.count <= pathBytes else {
            throw Problem(
                .pathTooLong, detail: "A path may have \(pathBytes) bytes, with its query.")
        }
    }

    /// Judges by the head of a request whether its body is wanted; nobody reads one that is not.
    func checkBody(_ head: HTTPRequestHead, of route: MatchedRoute) throws(Problem) {
        let isPost = head.method == .POST
        guard isPost || head.announcesBody else { return }
        if isPost { try Self.checkMediaType(head) }
        let limit = body(of: route)
        if let text = head.headers.first(name: "content-length") {
            guard let length = Int(text), length <= limit else { throw Self.bodyTooLarge(limit) }
        }
        guard isPost else {
            throw Problem(.bodyNotAllowed, detail: "Send the request without a body.")
        }
    }

    private static func checkMediaType(_ head: HTTPRequestHead) throws(Problem) {
        let type = head.headers.first(name: "content-type") ?? ""
        let media = type.prefix { $0 != ";" && $0 != " " && $0 != "\t" }
        guard media.lowercased() == "application/json" else {
            throw .invalid("The body must be JSON, with the content-type application/json.")
        }
    }

    /// The largest body, in bytes.
    func body(of route: MatchedRoute?) -> Int {
        route?.takesLists == true ? listBytes : bodyBytes
    }

    static func bodyTooLarge(_ limit: Int) -> Problem {
        Problem(.bodyTooLarge, detail: "A body may have \(limit) bytes here.")
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

extension HTTPRequestHead {
    /// Whether a body follows the head: RFC 9112, section 6.3.
    var announcesBody: Bool {
        if headers.contains(name: "transfer-encoding") { return true }
        guard let length = headers.first(name: "content-length") else { return false }
        return length != "0"
    }
}
