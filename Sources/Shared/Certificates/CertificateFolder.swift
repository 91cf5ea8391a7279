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

    /// Whether all is there, the certificate by an authority, for whom it is to be, and good at a time.
    public func isGood(at time: Date, for subject: CertificateAuthority.Subject) -> Bool {
        guard let own = Self.certificates(in: certificate).first,
            let key = Self.text(of: key), let key = try? Certificate.PrivateKey(pemEncoded: key),
            let names = try? own.extensions.subjectAlternativeNames
        else { return false }
        return key.publicKey == own.publicKey && time < own.notValidAfter
            && subject.alternatives.allSatisfy(names.contains)
            && Self.certificates(in: authorities).contains {
                $0.publicKey.isValidSignature(own.signature, for: own)
            }
    }

    /// - Returns: None where one is not well formed.
    private static func certificates(in path: String) -> [Certificate] {
        guard let text = text(of: path),
            let documents = try? PEMDocument.parseMultiple(pemString: text)
        else { return [] }
        return (try? documents.map { try Certificate(pemDocument: $0) }) ?? []
    }

    private static func text(of path: String) -> String? {
        try? String(contentsOfFile: path, encoding: .utf8)
    }
}
