/// A kind of process of the chain that this machine can run.
public enum Tier: String, Codable, Sendable, CaseIterable {
    case postgreSQL = "postgresql"
    case balanceService = "balance-service"
    case bankServer = "bank-server"
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
        case .balanceService: "balance-service \(copy)"
        case .bankServer: "bank-server"
        }
    }
}
