public import Ledger

/// The answer of `GET /v1/audit`: the invariants of the ledger, at one moment.
public struct AuditReport: Sendable, Hashable, Codable {
    public struct Invariant: Sendable, Hashable, Codable {
        public var name: String
        /// How many cases were looked at.
        public var counted: Int64
        /// How many of them are broken.
        public var broken: Int64
        /// One of those that are broken.
        public var example: String?

        public init(name: String, counted: Int64, broken: Int64, example: String?) {
            self.name = name
            self.counted = counted
            self.broken = broken
            self.example = example
        }
    }

    public var ledger: Identifier
    public var invariants: [Invariant]

    public init(ledger: Identifier, invariants: [Invariant]) {
        self.ledger = ledger
        self.invariants = invariants
    }
}
