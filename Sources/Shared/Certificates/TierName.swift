public import X509

/// A tier, as its certificate names it.
public struct TierName: RawRepresentable, Sendable, Hashable {
    /// The name of its program.
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    public static let bankServer = TierName(rawValue: "bank-server")
    public static let balanceService = TierName(rawValue: "balance-service")

    private static let domain = "teller.internal"

    /// What its callers verify it by, wherever it listens.
    public var hostName: String { "\(rawValue).\(Self.domain)" }

    /// Its SPIFFE ID, with the trust domain `teller.internal`.
    public var spiffeID: String { "spiffe://\(Self.domain)/\(rawValue)" }

    /// The tier that a certificate names, which somebody else has verified.
    ///
    /// - Returns: `nil` unless its one URI is a tier's SPIFFE ID: X509-SVID, section 2, allows no second.
    public init?(_ certificate: Certificate) {
        guard let names = try? certificate.extensions.subjectAlternativeNames else { return nil }
        let uris = names.compactMap { name in
            if case .uniformResourceIdentifier(let uri) = name { uri } else { nil }
        }
        let prefix = "spiffe://\(Self.domain)/"
        guard uris.count == 1, uris[0].utf8.starts(with: prefix.utf8) else { return nil }
        self.init(
            rawValue: String(decoding: uris[0].utf8.dropFirst(prefix.utf8.count), as: UTF8.self))
    }
}
