public import Certificates
internal import Foundation

/// An authority of a test's own, and folders with certificates by it.
public struct TestCertificates: Sendable {
    public let folder: String
    private let authority: CertificateAuthority

    /// - Parameter folder: Made when it is needed; who made this deletes it.
    public init(in folder: String) throws {
        self.folder = folder
        authority = try CertificateAuthority(validity: Date.now - 200_000..<Date.now + 86400)
    }

    /// Writes a tier's certificate to a folder of its own.
    ///
    /// - Parameters:
    ///   - age: How long ago the certificate began to be good, for one day, in seconds.
    ///   - other: The authority that the tier trusts, where that is another one.
    public func make(
        for tier: TierName, in name: String? = nil, age: Double = 60,
        trusting other: TestCertificates? = nil
    ) throws -> CertificateFolder {
        try make(for: .init(tier), in: name ?? tier.rawValue, age: age, trusting: other)
    }

    public func make(
        for subject: CertificateAuthority.Subject, in name: String, age: Double = 60,
        trusting other: TestCertificates? = nil
    ) throws -> CertificateFolder {
        let files = CertificateFolder(path: "\(folder)/\(name)")
        try FileManager.default.createDirectory(
            atPath: files.path, withIntermediateDirectories: true)
        let start = Date.now - age
        let issued = try authority.issue(to: subject, validity: start..<start + 86400)
        try issued.certificate.write(toFile: files.certificate, atomically: true, encoding: .utf8)
        try issued.key.write(toFile: files.key, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: files.key)
        try (other ?? self).authority.certificate.write(
            toFile: files.authorities, atomically: true, encoding: .utf8)
        return files
    }
}
