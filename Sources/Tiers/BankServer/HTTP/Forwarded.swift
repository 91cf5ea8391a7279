import Bytes
import NIOCore
import NIOHTTP1

/// The header field Forwarded, by which a proxy says for whom it asks: RFC 7239.
enum Forwarded {
    /// Whom the proxy had the request from, as it says itself: what stands before that, anybody may have written.
    ///
    /// - Returns: An IP address; `nil` where the last element names none, or the field is not well formed.
    static func source(_ headers: HTTPHeaders) -> String? {
        // Each proxy adds to the end: of several fields, to the last one.
        guard let field = headers["forwarded"].last, let node = lastNode(field),
            let host = RequestHost(Substring(node)), host.name == nil
        else { return nil }
        let isIPv6 = node.utf8.first == UInt8(ascii: "[")
        let end = isIPv6 ? UInt8(ascii: "]") : UInt8(ascii: ":")
        let address = node.utf8.drop { $0 == UInt8(ascii: "[") }.prefix { $0 != end }
        return ipAddress(Substring(address))
    }

    /// - Returns: An IP address in the form that all its spellings have; of IPv6 that stands for one of IPv4
    ///   that one, as a socket for both shows its callers. `nil`: it is none.
    static func ipAddress(_ text: Substring) -> String? {
        let address = try? SocketAddress(ipAddress: String(text), port: 0)
        guard let plain = address?.ipAddress else { return nil }
        let prefix = "::ffff:"
        guard plain.utf8.starts(with: prefix.utf8), plain.utf8.contains(UInt8(ascii: "."))
        else { return plain }
        return String(plain.utf8.dropFirst(prefix.utf8.count))
    }

    /// The value of `for` in the last element.
    private static func lastNode(_ field: String) -> String? {
        var scanner = FieldScanner(field)
        var node: String?
        while true {
            let name = scanner.token()
            if !name.isEmpty {
                guard scanner.take("="), let value = scanner.value() else { return nil }
                if name.equalsIgnoringCase("for") {
                    guard node == nil else { return nil }
                    node = value
                }
            }
            if scanner.take(";") { continue }
            if scanner.isAtEnd { return node }
            guard scanner.take(",") else { return nil }
            node = nil
        }
    }
}

/// What structured header fields are made of: RFC 9110, section 5.6.
private struct FieldScanner {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = text[...].utf8 }

    /// Without the white space that may be left.
    var isAtEnd: Bool { rest.allSatisfy(Self.isSpace) }

    /// A delimiter, and the white space on both sides of it.
    mutating func take(_ delimiter: Unicode.Scalar) -> Bool {
        let next = rest.drop(while: Self.isSpace)
        guard next.first == UInt8(ascii: delimiter) else { return false }
        rest = next.dropFirst().drop(while: Self.isSpace)
        return true
    }

    /// - Returns: Nothing where there is none.
    mutating func token() -> Substring {
        let token = rest.prefix(while: Self.isOfToken)
        rest = rest[token.endIndex...]
        return Substring(token)
    }

    /// A token or a quoted string.
    mutating func value() -> String? {
        guard rest.first == UInt8(ascii: "\"") else {
            let token = token()
            return token.isEmpty ? nil : String(token)
        }
        rest.removeFirst()
        var bytes: [UInt8] = []
        while var byte = rest.popFirst(), byte >= 0x20, byte != 0x7f {
            if byte == UInt8(ascii: "\"") { return String(decoding: bytes, as: UTF8.self) }
            if byte == UInt8(ascii: "\\") {
                guard let next = rest.popFirst() else { return nil }
                byte = next
            }
            bytes.append(byte)
        }
        return nil
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }

    private static func isOfToken(_ byte: UInt8) -> Bool {
        (0x21...0x7e).contains(byte) && !"\"(),/:;<=>?@[\\]{}".utf8.contains(byte)
    }
}
