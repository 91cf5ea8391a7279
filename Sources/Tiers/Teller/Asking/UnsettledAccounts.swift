import BankAPI
import Ledger

/// The accounts of writes that are still unknown: what is asked later about one of them waits, as it would
/// have in the first place.
struct UnsettledAccounts {
    private var accounts: Set<AccountNumber> = []
    /// One of them is about a hold or a transfer, whose accounts only the bank knows.
    private var mayBeAny = false

    mutating func add(_ write: BankWrite) {
        guard let named = write.namedAccounts else { return mayBeAny = true }
        accounts.formUnion(named)
    }

    func concern(_ write: BankWrite) -> Bool {
        guard let named = write.namedAccounts else { return mayBeAny || !accounts.isEmpty }
        return !named.isEmpty && (mayBeAny || !accounts.isDisjoint(with: named))
    }
}

extension BankWrite {
    /// The accounts that it names; `nil` when it is about some that it does not name.
    fileprivate var namedAccounts: [AccountNumber]? {
        switch self {
        case .transfer(let request): request.subject == nil ? request.namedAccounts : nil
        case .linked(let requests):
            requests.allSatisfy { $0.subject == nil } ? requests.flatMap(\.namedAccounts) : nil
        case .open: []
        case .close(let account, _): [account]
        // Of a later teller, which is the one to settle it.
        case .other: []
        }
    }
}
