internal import NIOSSL

/// Whom a client trusts to name a bank, in place of the system's authorities.
public struct TrustedAuthorities: Sendable {
    public struct Unusable: Error, CustomStringConvertible {
        public let description: String
    }

    let certificates: [NIOSSLCertificate]

    /// - Parameter file: Certificates as PEM.
    public init(file: String) throws(Unusable) {
        do {
            certificates = try NIOSSLCertificate.fromPEMFile(file)
        } catch {
            throw Unusable(description: "there are no certificates that can be read in \(file)")
        }
    }
}
