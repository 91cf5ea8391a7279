import Bytes
import NIOCore

/// A TCP address as people write it: `host:port`, an IPv6 address in brackets. Between the tiers it
/// may be a Unix-domain socket's: `unix:/path`.
public struct HostAndPort: Sendable, Hashable, CustomStringConvertible {
    /// Of a Unix-domain socket its path: no host begins with a slash.
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
        // A port has no sign.
        guard digits.allSatisfy(\.isASCIIDigit),
            let port = UInt16(Substring(digits))
        else { return nil }
        var host = text.utf8[..<colon]
        if host.first == UInt8(ascii: "["), host.last == UInt8(ascii: "]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(colonByte) {
            return nil
        }
        guard let first = host.first, first != UInt8(ascii: "/"),
            host.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        else { return nil }
        self.init(host: String(Substring(host)), port: Int(port))
    }

    /// Reads the same, or `unix:/path`: for a hop that never leaves the machine.
    public init?(orUnixSocket text: String) {
        let scheme = "unix:"
        guard text.utf8.starts(with: "\(scheme)/".utf8) else {
            self.init(text)
            return
        }
        // sockaddr_un has room for 108 bytes on Linux and 104 on macOS, with a closing zero.
        guard text.utf8.count - scheme.utf8.count < 104 else { return nil }
        self.init(host: String(Substring(text.utf8.dropFirst(scheme.utf8.count))), port: 0)
    }

    /// The path of the Unix-domain socket, if it is one.
    public var unixPath: String? { host.utf8.first == UInt8(ascii: "/") ? host : nil }

    /// Whether nothing that is sent there leaves this machine: a Unix-domain socket, or loopback.
    public var isOnThisMachine: Bool {
        if unixPath != nil || host.lowercased() == "localhost" || host == "::1" { return true }
        let isAddress = (try? SocketAddress(ipAddress: host, port: port)) != nil
        return isAddress && host.utf8.starts(with: "127.".utf8)
    }

    public var description: String {
        if let unixPath { return "unix:\(unixPath)" }
        return host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
