import BankAPI
import Bytes
import Chain
import HTTPFront
import NIOHTTP1

extension BankResponder {
    /// Judges a request by its head, before anything else of it is read.
    func admit(_ head: HTTPRequestHead, _ terms: RequestTerms) throws(Problem) {
        try limits.checkPath(head)
        try Self.checkTwins(head)
        try checkHost(head, terms)
        guard let route = terms.route else {
            throw Problem(
                .routeUnknown, detail: "See \(BankRoute.openAPI) for the paths.")
        }
        guard route.methods.contains(head.method) else {
            throw Problem(.methodNotAllowed, detail: "This path takes \(route.allowedMethods).")
        }
        try Self.checkOrigin(head, terms)
        try checkBody(head, of: route)
        // Whether the server lives can be asked however little time there is.
        guard !route.isForOperations else { return }
        guard let deadline = terms.deadline else {
            throw Problem(
                .timeoutInvalid,
                detail: "grpc-timeout must be up to eight digits and a unit, such as 500m or 5S.")
        }
        guard !deadline.hasPassed else { throw .deadlineExceeded(tier: .bankServer) }
        guard terms.token != nil || head.field("authorization") == nil else {
            throw Problem(
                .unauthenticated,
                detail: "Authorization must be Bearer and the token of a session.")
        }
    }

    /// Fields that say one thing: of two, one would count here and the other to whoever passed it on.
    private static let singleFields = [
        "host", "origin", "sec-fetch-site", "authorization", "content-type", "content-length",
        "content-encoding",
        "transfer-encoding", "expect", GRPCTimeout.headerName, TraceContext.headerName,
    ]

    private static func checkTwins(_ head: HTTPRequestHead) throws(Problem) {
        var seen = 0
        for (name, _) in head.headers {
            guard let index = singleFields.firstIndex(where: { name.equalsIgnoringCase($0) })
            else { continue }
            guard seen & 1 << index == 0 else {
                throw .invalid("The header \(singleFields[index]) appears twice.")
            }
            seen |= 1 << index
        }
    }

    /// RFC 9112, section 3.2; and a page of another site may have its own name lead here (DNS
    /// rebinding): its requests carry that name.
    private func checkHost(_ head: HTTPRequestHead, _ terms: RequestTerms) throws(Problem) {
        let field = head.field("host")
        guard field != nil || head.version == .http1_0 else {
            throw .invalid("The request has no Host.")
        }
        for text in [field, terms.target.authority] {
            guard let text else { continue }
            guard let host = RequestHost(text) else {
                throw .invalid("The Host must be a name or an IP address, perhaps with a port.")
            }
            guard terms.route?.takesAnyHost == true || host.isKnown(among: hostNames) else {
                throw .hostNotAllowed(host)
            }
        }
    }

    /// Pages of other sites write nothing here, not even blindly: by Origin (RFC 6454, section 7), and by
    /// what browsers say of the page since (Fetch Metadata, section 2.4).
    private static func checkOrigin(
        _ head: HTTPRequestHead, _ terms: RequestTerms
    ) throws(Problem) {
        guard head.method.isUnsafe else { return }
        let host = terms.target.authority ?? head.field("host") ?? ""
        let isOwn =
            head.field("origin").map { origin in
                ["http://", "https://"].contains { origin.equalsIgnoringCase($0 + host) }
            } ?? true
        let isFromHere = head.field("sec-fetch-site").map { $0 == "same-origin" } ?? true
        guard isOwn, isFromHere else {
            throw Problem(
                .originNotAllowed,
                detail: "Only a page of this server's own host and port may write by a browser.")
        }
    }

    private func checkBody(_ head: HTTPRequestHead, of route: MatchedRoute) throws(Problem) {
        let takesBody = head.method == .POST || head.method == .PUT
        guard takesBody || head.announcesBody else { return }
        if takesBody { try Self.checkMediaType(head) }
        if let coding = head.field("transfer-encoding"), !coding.equalsIgnoringCase("chunked") {
            throw .invalid("The only transfer coding that is supported is chunked.")
        }
        guard !head.headers.contains(name: "content-encoding") else {
            throw .invalid("Content-Encoding is not supported: send the body without it.")
        }
        let limit = limits.body(of: route)
        if let text = head.field("content-length") {
            guard let length = Int(text), length <= limit else { throw .bodyTooLarge(limit) }
        }
        guard takesBody else {
            throw Problem(.bodyNotAllowed, detail: "Send the request without a body.")
        }
    }

    private static func checkMediaType(_ head: HTTPRequestHead) throws(Problem) {
        let type = (head.field("content-type") ?? "").utf8
        let media = type.prefix { $0 != UInt8(ascii: ";") }.withoutSpaceAtItsEnd
        guard Substring(media).equalsIgnoringCase("application/json") else {
            throw .invalid("The body must be JSON, with the content-type application/json.")
        }
    }
}

extension Problem {
    fileprivate static func hostNotAllowed(_ host: RequestHost) -> Problem {
        let name = host.name ?? ""
        return Problem(
            .hostNotAllowed,
            detail: "\(name) is not a name of this server. "
                + "Use its IP address, or start it with --host-name \(name).")
    }
}
