internal import Certificates

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Certificates by an authority that lives for one call: nobody can issue another by it afterwards.
struct TierCertificates {
    /// How long they are good for; the clocks of machines may differ by a little.
    private static let validity = (before: -300.0, after: 366 * 86400.0)

    private let authority: CertificateAuthority

    init(now: Date = .now) throws {
        authority = try CertificateAuthority(
            validity: now + Self.validity.before..<now + Self.validity.after)
    }

    /// Writes one, with its key, to a folder of its own.
    ///
    /// - Parameter owner: Who alone can read them.
    func write(
        for subject: CertificateAuthority.Subject, to folder: String, owner: SystemUser? = nil
    ) throws {
        try Folders.make(folder, mode: 0o700, owner: owner)
        let (issued, files) = (
            try authority.issue(to: subject), CertificateFolder(path: folder)
        )
        try Files.replace(files.key, with: issued.key, owner: owner)
        try Files.replace(files.certificate, with: issued.certificate, owner: owner)
        try Files.replace(files.authorities, with: authority.certificate, owner: owner)
    }
}

extension Startup {
    /// Makes those of the tiers, by which they know each other.
    func makeCertificates() throws(LocalBankError) {
        let owner = supervisor.state.tierUser?.user ?? .current
        try home.writing(home.certificateFolder) {
            // Root's tiers pass through it to their own.
            try Folders.make(home.certificateFolder, mode: Host.isRoot ? 0o711 : 0o700)
            let certificates = try TierCertificates()
            for (tier, name) in [
                (Tier.balanceService, TierName.balanceService), (.bankServer, .bankServer),
            ] {
                try certificates.write(
                    for: .init(name), to: home.certificates(of: tier), owner: owner)
            }
        }
    }
}
