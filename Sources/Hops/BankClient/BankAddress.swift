import Bytes
public import Chain

/// Where a bank's application server listens.
public struct BankAddress: Sendable, Hashable, CustomStringConvertible {
    /// Where the address came from, as a name that whoever gave it knows where to correct it by:
    /// nothing here depends on it.
    public struct Source: RawRepresentable, Sendable, Hashable {
        public let rawValue: String

        public init(rawValue: String) {
            self.rawValue = rawValue
        }
    }

    public var isSecure: Bool
    public var authority: HostAndPort
    public var source: Source

    public init(isSecure: Bool, authority: HostAndPort, source: Source) {
        self.isSecure = isSecure
        self.authority = authority
        self.source = source
    }

    /// Reads `http://host`, `http://host:port` or the same with `https`.
    ///
    /// - Throws: ``BankAddressError``, which repeats none of the text: it may hold a password.
    public init(_ text: String, source: Source) throws(BankAddressError) {
        // By scalars: a mark makes a separator another Character.
        let scalars = text.unicodeScalars
        guard let scheme = scalars.firstRange(of: "://".unicodeScalars) else { throw .noScheme }
        switch text[..<scheme.lowerBound].lowercased() {
        case "http": isSecure = false
        case "https": isSecure = true
        default: throw .otherScheme
        }
        var rest = scalars[scheme.upperBound...]
        if rest.contains("@") { throw .hasCredentials }
        if rest.last == "/" { rest.removeLast() }
        if rest.contains(where: { "/?#".unicodeScalars.contains($0) }) { throw .hasPath }
        let name = String(rest)
        let port = isSecure ? 443 : 80
        let hasPort = rest.first == "[" ? rest.last != "]" : rest.contains(":")
        guard let authority = HostAndPort(hasPort ? name : "\(name):\(port)"),
            authority.port > 0, Self.isHost(authority.host)
        else { throw .noHostAndPort }
        self.authority = authority
        self.source = source
    }

    /// The letters of host names and of IP addresses, IPv6 ones too.
    private static func isHost(_ host: String) -> Bool {
        host.utf8.count <= 253
            && host.utf8.allSatisfy {
                $0.isASCIIDigit
                    || UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 | 0x20
                    || [UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: ":")]
                        .contains($0)
            }
    }

    public var description: String { "\(isSecure ? "https" : "http")://\(authority)" }
}

/// Why a text is not a bank's address.
public enum BankAddressError: Error, Sendable, Hashable, CustomStringConvertible {
    case noScheme
    case otherScheme
    case hasCredentials
    case hasPath
    case noHostAndPort

    public var description: String {
        switch self {
        case .noScheme:
            "an address begins with http:// or https://, as http://127.0.0.1:8080 does"
        case .otherScheme: "a bank is reached over http:// or https:// only"
        case .hasCredentials: "an address takes no user name and no password"
        case .hasPath: "an address ends after the host and port, as http://127.0.0.1:8080 does"
        case .noHostAndPort:
            "an address has a host, and a port from 1 to 65535, as http://127.0.0.1:8080 does"
        }
    }
}
