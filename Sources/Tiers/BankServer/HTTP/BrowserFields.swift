import HTTPFront
import NIOHTTP1

/// What each answer tells browsers: it is data, and no part of any page. Programs do not look at it.
enum BrowserFields {
    /// Nothing is guessed to be a script or a style, shown in a frame, run, or given to pages of other sites.
    private static let plain: HTTPHeaders = [
        "x-content-type-options": "nosniff",
        "content-security-policy":
            "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox",
        "cross-origin-resource-policy": "same-origin",
    ]

    /// - Parameter isByTLS: Whether callers come by TLS; for a year they then come no other way (RFC 6797).
    static func all(isByTLS: Bool) -> HTTPHeaders {
        var fields = plain
        if isByTLS { fields.add(name: "strict-transport-security", value: "max-age=31536000") }
        return fields
    }
}
