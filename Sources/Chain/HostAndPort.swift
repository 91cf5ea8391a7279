/// A TCP address as people write it: `host:port`, an IPv6 address in brackets.
public struct HostAndPort: Sendable, Hashable, CustomStringConvertible {
    public var host: String
    public var port: Int

    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `localhost:8080`, `127.0.0.1:0` or `[::1]:50051`.
    ///
    /// - Returns: `nil` when there is no host of visible ASCII, or no port from 0 to 65535.
    public init?(_ text: String) {
        let colonByte = UInt8(ascii: ":")
        guard let colon = text.utf8.lastIndex(of: colonByte) else { return nil }
        let digits = text.utf8[colon...].dropFirst()
        // A sign is none of a port.
        guard digits.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }),
            let port = UInt16(Substring(digits))
        else { return nil }
        var host = text.utf8[..<colon]
        if host.first == UInt8(ascii: "["), host.last == UInt8(ascii: "]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(colonByte) {
            return nil
        }
        guard !host.isEmpty, host.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return nil }
        self.init(host: String(Substring(host)), port: Int(port))
    }

    public var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
