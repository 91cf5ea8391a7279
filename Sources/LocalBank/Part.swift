/// A kind of process of the chain that this machine can run. Another version may have more.
public struct Tier: RawRepresentable, Codable, Hashable, Sendable, CaseIterable {
    /// The name of its program, but for PostgreSQL.
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    public static let postgreSQL = Tier(rawValue: "postgresql")
    public static let balanceService = Tier(rawValue: "balance-service")
    public static let bankServer = Tier(rawValue: "bank-server")

    /// Those of this version, in the order they start in.
    public static let allCases = [postgreSQL, balanceService, bankServer]
}

/// One process of a local bank: a tier, and which of its copies.
public struct Part: Codable, Hashable, Sendable, CustomStringConvertible {
    public var tier: Tier
    /// Counts from 1.
    public var copy: Int

    public init(_ tier: Tier, copy: Int = 1) {
        self.tier = tier
        self.copy = copy
    }

    /// `bank-server`, `postgresql`, `balance-service-2`: also the name of its log.
    public var label: String {
        tier == .balanceService ? "\(tier.rawValue)-\(copy)" : tier.rawValue
    }

    public var description: String {
        switch tier {
        case .postgreSQL: "PostgreSQL"
        case .balanceService: "\(tier.rawValue) \(copy)"
        default: tier.rawValue
        }
    }
}
