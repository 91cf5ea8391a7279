import Bytes
public import NIOHTTP1

extension HTTPRequestHead {
    /// A header field's value without the white space around it: RFC 9110, section 5.5.
    public func field(_ name: String) -> Substring? {
        guard let value = headers.first(name: name) else { return nil }
        return Substring(value.utf8[...].withoutSpaceAtItsEnd)
    }

    /// Whether a body follows the head: RFC 9112, section 6.3.
    public var announcesBody: Bool {
        if headers.contains(name: "transfer-encoding") { return true }
        guard let length = field("content-length") else { return false }
        return length != "0"
    }

    /// Whether the caller waits until its body is asked for: RFC 9110, section 10.1.1.
    var expectsContinue: Bool {
        isHTTP11 && field("expect")?.equalsIgnoringCase("100-continue") == true
    }

    /// Whether nothing can follow on the same connection: what it asks to switch to is not spoken here,
    /// and where an old body ends is not certain (RFC 9112, section 6.1).
    var isLastOfItsConnection: Bool {
        !isKeepAlive || method == .CONNECT || headers.contains(name: "upgrade")
            || version == .http1_0 && headers.contains(name: "transfer-encoding")
    }

    /// Whether chunks and interim answers are understood.
    var isHTTP11: Bool { (version.major, version.minor) >= (1, 1) }
}
