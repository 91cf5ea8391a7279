public import Chain

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a caller proves a session with: 32 random bytes, as `tlr_` and base64url (RFC 4648, section 5,
/// without padding). Sent as `Authorization: Bearer` (RFC 6750).
public struct SessionToken: Sendable, Hashable {
    public static let byteCount = 32
    private static let mark = "tlr_"
    private static let scheme = "Bearer "

    public let secret: Secret
    public let bytes: [UInt8]

    /// - Returns: `nil` unless there are 32 bytes.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = Array(bytes)
        let base64 = Data(bytes).base64EncodedString()
        let text = base64.replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
        secret = Secret(Self.mark + text)
    }

    /// - Returns: `nil` for what this type does not write so.
    public init?(_ text: some StringProtocol) {
        guard text.hasPrefix(Self.mark), text.utf8.count == Self.mark.utf8.count + 43 else {
            return nil
        }
        let base64 = String(text.dropFirst(Self.mark.count)).replacing("-", with: "+")
            .replacing("_", with: "/")
        guard let data = Data(base64Encoded: base64 + "="), let token = Self(bytes: data),
            token.secret.text == text
        else { return nil }
        self = token
    }

    /// The value of the header field Authorization.
    public var authorization: String { Self.scheme + secret.text }

    /// - Parameter authorization: The value of a header field. Its scheme is in either case.
    public init?(authorization: some StringProtocol) {
        guard authorization.prefix(Self.scheme.count).lowercased() == Self.scheme.lowercased()
        else { return nil }
        self.init(String(authorization.dropFirst(Self.scheme.count)))
    }
}
