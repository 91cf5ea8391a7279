import Bytes
public import Chain

/// What a caller proves a session with: 32 random bytes, as `tlr_` and base64url (RFC 4648, section 5,
/// without padding). Sent as `Authorization: Bearer` (RFC 6750).
public struct SessionToken: Sendable, Hashable {
    public static let byteCount = 32
    private static let mark = "tlr_"
    private static let scheme = "Bearer "

    public let bytes: [UInt8]

    /// - Returns: `nil` unless there are 32 bytes.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = Array(bytes)
    }

    /// - Returns: `nil` for what this type does not write so.
    public init?(_ text: some StringProtocol) {
        let text = text.utf8
        guard text.starts(with: Self.mark.utf8),
            let bytes = text.dropFirst(Self.mark.utf8.count).base64URLDecoded
        else { return nil }
        self.init(bytes: bytes)
    }

    /// As it is written.
    public var secret: Secret { Secret(Self.mark + bytes.base64URL) }

    /// The value of the header field Authorization.
    public var authorization: String { Self.scheme + secret.text }

    /// - Parameter authorization: The value of a header field. Its scheme is in either case.
    public init?(authorization: some StringProtocol) {
        let authorization = Substring(authorization)
        guard authorization.prefix(Self.scheme.count).equalsIgnoringCase(Self.scheme) else {
            return nil
        }
        self.init(authorization.dropFirst(Self.scheme.count))
    }
}

/// In no text, as ``Secret``.
extension SessionToken: CustomStringConvertible, CustomReflectable {
    public var description: String { "a session's token" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
