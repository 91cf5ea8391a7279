internal import Crypto
internal import SwiftASN1
internal import X509

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// An authority of a bank's own, whose key lives as long as this value: it names the tiers to each other.
public struct CertificateAuthority: Sendable {
    /// A certificate with its key, both as PEM.
    public struct Issued: Sendable {
        public let certificate: String
        public let key: String
    }

    /// Whom a certificate is for.
    public struct Subject: Sendable {
        /// The common name: PostgreSQL knows its clients by it.
        let name: String
        let alternatives: [GeneralName]

        /// A tier, as hop 2 knows it.
        public init(_ tier: TierName) {
            name = tier.rawValue
            alternatives = [
                .dnsName(tier.hostName), .uniformResourceIdentifier(tier.spiffeID),
            ]
        }

        /// A server that is reached by names.
        ///
        /// - Parameters:
        ///   - hosts: The names of DNS.
        ///   - isOnLoopback: Whether it is also reached as 127.0.0.1 and ::1.
        public init(server name: String, hosts: [String], isOnLoopback: Bool = false) {
            self.name = name
            let loopback: [[UInt8]] = [[127, 0, 0, 1], Array(repeating: 0, count: 15) + [1]]
            alternatives =
                hosts.map { .dnsName($0) }
                + (isOnLoopback
                    ? loopback.map { .ipAddress(ASN1OctetString(contentBytes: $0[...])) } : [])
        }
    }

    private let key = P256.Signing.PrivateKey()
    private let name: DistinguishedName
    private let validity: Range<Date>
    /// Its own certificate, as PEM: what the tiers trust.
    public let certificate: String

    /// - Parameter validity: Of its certificate, and of all that it issues.
    public init(validity: Range<Date>) throws {
        self.validity = validity
        name = try DistinguishedName { CommonName("Teller's own authority") }
        let publicKey = Certificate.PublicKey(key.publicKey)
        let extensions = try Certificate.Extensions {
            Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
            Critical(KeyUsage(keyCertSign: true, cRLSign: true))
            SubjectKeyIdentifier(hash: publicKey)
        }
        certificate = try Self.certificate(
            publicKey, named: name, extensions, by: name, key, validity)
    }

    /// - Parameter validity: Where it is not the authority's own.
    public func issue(to subject: Subject, validity: Range<Date>? = nil) throws -> Issued {
        let own = P256.Signing.PrivateKey()
        let extensions = try Certificate.Extensions {
            Critical(BasicConstraints.notCertificateAuthority)
            Critical(KeyUsage(digitalSignature: true))
            try ExtendedKeyUsage([.serverAuth, .clientAuth])
            SubjectAlternativeNames(subject.alternatives)
            AuthorityKeyIdentifier(
                keyIdentifier: SubjectKeyIdentifier(hash: Certificate.PublicKey(key.publicKey))
                    .keyIdentifier)
        }
        return Issued(
            certificate: try Self.certificate(
                Certificate.PublicKey(own.publicKey),
                named: try DistinguishedName { CommonName(subject.name) }, extensions, by: name,
                key,
                validity ?? self.validity),
            key: try Certificate.PrivateKey(own).serializeAsPEM().pemString + "\n")
    }

    private static func certificate(
        _ publicKey: Certificate.PublicKey, named subject: DistinguishedName,
        _ extensions: Certificate.Extensions, by issuer: DistinguishedName,
        _ issuerKey: P256.Signing.PrivateKey, _ validity: Range<Date>
    ) throws -> String {
        try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: publicKey,
            notValidBefore: validity.lowerBound, notValidAfter: validity.upperBound, issuer: issuer,
            subject: subject, extensions: extensions,
            issuerPrivateKey: Certificate.PrivateKey(issuerKey)
        ).serializeAsPEM().pemString + "\n"
    }
}
