internal import SwiftASN1
internal import X509

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A folder with what one end of a connection by TLS has, in PEM, under the names that secrets of
/// Kubernetes give them.
public struct CertificateFolder: Sendable, Hashable {
    public let path: String

    public init(path: String) {
        self.path = path
    }

    /// Its own certificate, and those between it and the authority's.
    public var certificate: String { "\(path)/tls.crt" }
    /// The key of that certificate, which nobody else can read.
    public var key: String { "\(path)/tls.key" }
    /// The authorities that it trusts to name the other end.
    public var authorities: String { "\(path)/ca.crt" }

    /// Whether all is there, the certificate by the authority, and good at a time.
    public func isGood(at time: Date) -> Bool {
        guard let own = Self.certificate(in: certificate),
            let authority = Self.certificate(in: authorities),
            let key = Self.text(of: key), let key = try? Certificate.PrivateKey(pemEncoded: key)
        else { return false }
        return key.publicKey == own.publicKey && time < own.notValidAfter
            && authority.publicKey.isValidSignature(own.signature, for: own)
    }

    private static func certificate(in path: String) -> Certificate? {
        text(of: path).flatMap { try? Certificate(pemEncoded: $0) }
    }

    private static func text(of path: String) -> String? {
        try? String(contentsOfFile: path, encoding: .utf8)
    }
}
