import BankAPI
import Chain
import NIOHTTP1

extension BankResponder {
    /// Judges a request by its head, before anything else of it is read.
    func admit(_ head: HTTPRequestHead, _ terms: RequestTerms) throws(Problem) {
        try limits.checkPath(head)
        try Self.checkHost(head)
        guard let route = terms.route else {
            throw Problem(
                .routeUnknown, detail: "See \(BankRoute.openAPI) for the paths that there are.")
        }
        guard route.methods.contains(head.method) else {
            throw Problem(.methodNotAllowed, detail: "It takes \(route.allowedMethods).")
        }
        try checkBody(head, of: route)
        // Whether the server lives can be asked however little time there is.
        guard !route.isForOperations else { return }
        guard let deadline = terms.deadline else {
            throw Problem(
                .timeoutInvalid,
                detail: "grpc-timeout must be up to eight digits and a unit, such as 500m or 5S.")
        }
        guard !deadline.hasPassed else { throw .deadlineExceeded(tier: .bankServer) }
    }

    /// RFC 9112, section 3.2.
    private static func checkHost(_ head: HTTPRequestHead) throws(Problem) {
        let count = head.headers["host"].count
        guard count == 1 || count == 0 && head.version == .http1_0 else {
            throw .invalid("A request has one Host.")
        }
    }

    private func checkBody(_ head: HTTPRequestHead, of route: MatchedRoute) throws(Problem) {
        let isPost = head.method == .POST
        guard isPost || head.announcesBody else { return }
        if isPost { try Self.checkMediaType(head) }
        if let coding = head.field("transfer-encoding"), coding.lowercased() != "chunked" {
            throw .invalid("Of the transfer codings there is only chunked here.")
        }
        let limit = limits.body(of: route)
        if let text = head.field("content-length") {
            guard let length = Int(text), length <= limit else { throw .bodyTooLarge(limit) }
        }
        guard isPost else {
            throw Problem(.bodyNotAllowed, detail: "Send the request without a body.")
        }
    }

    private static func checkMediaType(_ head: HTTPRequestHead) throws(Problem) {
        let type = head.field("content-type") ?? ""
        let media = type.prefix { $0 != ";" && $0 != " " && $0 != "\t" }
        guard media.lowercased() == "application/json" else {
            throw .invalid("The body must be JSON, with the content-type application/json.")
        }
    }
}

extension Problem {
    /// - Parameter limit: In bytes.
    static func bodyTooLarge(_ limit: Int) -> Problem {
        Problem(.bodyTooLarge, detail: "A body may have \(limit) bytes here.")
    }
}

extension HTTPRequestHead {
    /// A header field's value without the white space around it: RFC 9110, section 5.5.
    func field(_ name: String) -> Substring? {
        guard let value = headers.first(name: name) else { return nil }
        var trimmed = value[...]
        while let last = trimmed.utf8.last, last == 0x20 || last == 0x09 { trimmed.removeLast() }
        return trimmed
    }

    /// Whether a body follows the head: RFC 9112, section 6.3.
    var announcesBody: Bool {
        if headers.contains(name: "transfer-encoding") { return true }
        guard let length = field("content-length") else { return false }
        return length != "0"
    }

    /// Whether the caller waits until its body is asked for: RFC 9110, section 10.1.1.
    var expectsContinue: Bool {
        version >= .http1_1 && field("expect")?.lowercased() == "100-continue"
    }

    /// Whether nothing can follow on the same connection: what it asks to switch to is not spoken here,
    /// and where an old body ends is not certain (RFC 9112, section 6.1).
    var isLastOfItsConnection: Bool {
        !isKeepAlive || method == .CONNECT || headers.contains(name: "upgrade")
            || version == .http1_0 && headers.contains(name: "transfer-encoding")
    }
}

extension HTTPVersion {
    fileprivate static func >= (left: HTTPVersion, right: HTTPVersion) -> Bool {
        (left.major, left.minor) >= (right.major, right.minor)
    }
}
