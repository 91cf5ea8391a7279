/// The kinds of accounts, by the names that the database uses.
public enum AccountKind: String, Hashable, Sendable, CaseIterable {
    case customer
    /// The bank's own, one a currency: it mirrors the world outside.
    case cash
}

extension AccountKind {
    /// What an account of a kind may do.
    public struct Rules: Sendable {
        /// Whether callers open, list and close such accounts; others are the bank's own.
        public let isCustomers: Bool
        /// The transfers that may take money from it.
        public let debits: [TransferKind]
        /// The transfers that may give it money.
        public let credits: [TransferKind]
    }

    /// The table: a new kind is a row more.
    public var rules: Rules {
        switch self {
        case .customer: Self.customerRules
        case .cash: Self.cashRules
        }
    }

    private static let customerRules = Rules(
        isCustomers: true,
        debits: [.transfer, .hold, .post, .withdrawal],
        credits: [.transfer, .hold, .post, .deposit])
    private static let cashRules = Rules(
        isCustomers: false,
        debits: [.deposit], credits: [.withdrawal])

    /// The kinds of accounts that callers open, list and close.
    public static let customers = allCases.filter(\.rules.isCustomers)
}

extension TransferKind {
    /// Whether it undoes another, between whose accounts it was allowed.
    private var undoes: Bool { self == .void || self == .reversal }

    /// Whether a transfer may take money from an account of the one kind and give it to the other.
    func isAllowed(from debit: AccountKind, to credit: AccountKind) -> Bool {
        undoes || debit.rules.debits.contains(self) && credit.rules.credits.contains(self)
    }
}
