import Bytes

/// What a request is about: RFC 9112, section 3.2.
struct RequestTarget: Sendable {
    /// The host, with its port, of a target in absolute-form: there it counts, and not the Host.
    let authority: Substring?
    let path: String
    /// What follows the path's question mark.
    let query: Substring

    /// - Parameter text: In origin-form, or in the absolute-form that a proxy may send.
    init(_ text: String) {
        var rest = text.utf8[...]
        if rest.first != UInt8(ascii: "/"),
            let scheme = ["http://", "https://"].first(where: { text.startsIgnoringCase(with: $0) })
        {
            let host = rest.dropFirst(scheme.utf8.count).prefix {
                $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#")
            }
            authority = Substring(host)
            rest = rest[host.endIndex...]
        } else {
            authority = nil
        }
        let path = rest.prefix { $0 != UInt8(ascii: "?") }
        self.path = String(Substring(path))
        query = Substring(rest[path.endIndex...].dropFirst())
    }
}
