import Bytes
import NIOCore

/// Whom a request is meant for, as its Host says: RFC 9110, section 7.2.
struct RequestHost: Sendable, Equatable {
    private static let longestName = 253

    /// In lower case, and without the dot that may end it; `nil`: it is an IP address.
    let name: String?

    /// - Parameter text: A name, an IPv4 address or an IPv6 address in brackets, perhaps with a port.
    /// - Returns: `nil` for anything else, such as user information.
    init?(_ text: Substring) {
        let bytes = text.utf8
        let rest: Substring.UTF8View
        if bytes.first == UInt8(ascii: "[") {
            let address = bytes.dropFirst().prefix { $0 != UInt8(ascii: "]") }
            guard address.contains(UInt8(ascii: ":")), Self.isAddress(address),
                address.endIndex < bytes.endIndex
            else { return nil }
            name = nil
            rest = bytes[address.endIndex...].dropFirst()
        } else {
            let host = bytes.prefix { $0 != UInt8(ascii: ":") }
            // Nothing that begins with a letter need be looked at as an address.
            let isAddress = host.first?.isASCIIDigit == true && Self.isAddress(host)
            name = isAddress ? nil : Self.name(host)
            guard name != nil || isAddress else { return nil }
            rest = bytes[host.endIndex...]
        }
        guard rest.isEmpty || Self.isPort(rest) else { return nil }
    }

    /// Loopback has the names of RFC 6761, section 6.3. Whoever asks for an address was led here by no
    /// name.
    func isKnown(among names: Set<String>) -> Bool {
        guard let name else { return true }
        return name == "localhost" || name.hasSuffix(".localhost") || names.contains(name)
    }

    private static func isAddress(_ bytes: Substring.UTF8View) -> Bool {
        (try? SocketAddress(ipAddress: String(Substring(bytes)), port: 0)) != nil
    }

    private static func name(_ bytes: Substring.UTF8View) -> String? {
        let text = bytes.last == UInt8(ascii: ".") ? bytes.dropLast() : bytes
        guard (1...longestName).contains(text.count) else { return nil }
        let labels = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard labels.allSatisfy({ !$0.isEmpty && $0.allSatisfy(isOfName) }) else { return nil }
        return String(decoding: text.map(\.asciiLowercased), as: UTF8.self)
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        byte.asciiUppercased.isASCIICapital || byte.isASCIIDigit
            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }

    /// - Parameter bytes: With the colon.
    private static func isPort(_ bytes: Substring.UTF8View) -> Bool {
        let digits = bytes.dropFirst()
        guard bytes.first == UInt8(ascii: ":"), digits.allSatisfy(\.isASCIIDigit),
            let port = UInt16(Substring(digits))
        else { return false }
        return port > 0
    }
}
