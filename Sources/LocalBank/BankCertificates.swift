internal import Certificates

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The certificates of a bank whose tiers are started by hand, or as containers.
public enum BankCertificates {
    /// How long they are still to be good, so as not to be made anew, in seconds.
    private static let rest = 30 * 86400.0

    /// Makes a folder for each tier, one for what bank-server shows its callers (`hop-1`), one for
    /// PostgreSQL, and one for who migrates. The key of their authority is kept nowhere.
    ///
    /// - Parameter hosts: What callers know bank-server by, besides localhost and loopback's addresses.
    /// - Returns: False: they are there, for these hosts and good, and were left alone.
    /// - Throws: `LocalBankError.Code.homeUnusable`.
    public static func make(in folder: String, hosts: [String]) throws(LocalBankError) -> Bool {
        let subjects: [(name: String, CertificateAuthority.Subject)] = [
            ("balance-service", .init(.balanceService)), ("bank-server", .init(.bankServer)),
            (
                "hop-1",
                .init(server: "bank-server", hosts: ["localhost"] + hosts, isOnLoopback: true)
            ),
            (
                "postgres",
                .init(server: "postgres", hosts: ["postgres", "localhost"], isOnLoopback: true)
            ),
            ("migrate", .init(TierName(rawValue: "migrate"))),
        ]
        let folder = Host.absolute(folder)
        let all = subjects.map { CertificateFolder(path: "\(folder)/\($0.name)") }
        let end = Date.now + rest
        let authority = Files.bytes(of: all[0].authorities)
        let areGood = zip(all, subjects).allSatisfy { files, subject in
            files.isGood(at: end, for: subject.1)
                && Files.bytes(of: files.authorities) == authority
        }
        guard !areGood else { return false }
        do {
            let certificates = try TierCertificates()
            for (files, subject) in zip(all, subjects) {
                try certificates.write(for: subject.1, to: files.path)
            }
        } catch {
            throw LocalBankError(
                .homeUnusable, "cannot make certificates in \(folder): \(error)",
                advice: "name a folder that you can write to")
        }
        return true
    }
}
