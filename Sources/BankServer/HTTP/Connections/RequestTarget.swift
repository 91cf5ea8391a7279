/// What a request is about: RFC 9112, section 3.2.
struct RequestTarget: Sendable {
    let path: String
    /// What follows the path's question mark.
    let query: Substring

    /// - Parameter text: In origin-form, or in the absolute-form that a proxy may send.
    init(_ text: String) {
        var rest = text[...]
        if rest.utf8.first != UInt8(ascii: "/"), let scheme = rest.firstRange(of: "://") {
            rest = rest[scheme.upperBound...].drop { $0 != "/" && $0 != "?" && $0 != "#" }
        }
        guard let mark = rest.utf8.firstIndex(of: UInt8(ascii: "?")) else {
            path = String(rest)
            query = ""
            return
        }
        path = String(rest[..<mark])
        query = rest[rest.utf8.index(after: mark)...]
    }
}
