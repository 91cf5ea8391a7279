/// The kinds of accounts, by the names that the database uses.
public enum AccountKind: String, Hashable, Sendable, CaseIterable {
    case customer
    /// The bank's own, one a currency: it mirrors the world outside.
    case cash
}

extension TransferKind {
    /// What each kind of account may do: whether a transfer may take money from the one and give it to
    /// the other.
    func isAllowed(from debit: AccountKind, to credit: AccountKind) -> Bool {
        switch self {
        case .transfer, .hold, .post: (debit, credit) == (.customer, .customer)
        case .deposit: (debit, credit) == (.cash, .customer)
        case .withdrawal: (debit, credit) == (.customer, .cash)
        // What they undo was allowed when it was done.
        case .void, .reversal: true
        }
    }
}
