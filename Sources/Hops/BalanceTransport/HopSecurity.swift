public import Certificates
public import Chain
public import Logging

/// What a tier is told of hop 2: which certificate is its own.
public enum HopSecurity: Sendable, Hashable {
    case mutualTLS(CertificateFolder)
    /// Not encrypted, and nobody knows the other end.
    case plaintext

    /// `none` is plaintext; anything else is the folder.
    public init(_ text: String) {
        self = text == "none" ? .plaintext : .mutualTLS(CertificateFolder(path: text))
    }

    /// The setting: there is no default, since each would be wrong somewhere.
    public static func setting(_ variable: String) -> Setting<HopSecurity?> {
        Setting("--certificates", variable, default: nil, expected: "a folder, or none") {
            HopSecurity($0)
        }
    }

    /// This tier's end of hop 2; `nil` for plaintext.
    ///
    /// - Parameter addresses: Where hop 2 is: one that leaves this machine is never plaintext.
    /// - Throws: ``TierFailure`` when it is not said, not allowed or not usable.
    public static func tls(
        _ security: HopSecurity?, at addresses: [HostAndPort], logger: Logger
    ) throws(TierFailure) -> TierTLS? {
        switch security {
        case .mutualTLS(let folder):
            do {
                return try TierTLS(folder, logger: logger)
            } catch {
                throw TierFailure("\(error)", .configuration)
            }
        case .plaintext:
            guard let other = addresses.first(where: { !$0.isOnThisMachine }) else { return nil }
            throw TierFailure(
                "--certificates none is for addresses of this machine only, and \(other) is not one",
                .configuration)
        case nil:
            throw TierFailure(
                "this tier has no certificate: name its folder with --certificates (scripts/certs makes"
                    + " them), or none where both ends of hop 2 are on this machine",
                .configuration)
        }
    }
}
