/// The rules of the ledger, applied in memory to accounts that a transaction has locked: requests in
/// order in, an outcome for each out, with the changes to write.
///
/// Pure: the same input gives the same output, for one request or for five hundred.
public struct Posting: Sendable {
    /// What the transaction is to write.
    public struct Changes: Hashable, Sendable {
        /// Each account that changed, once, as it is now; ascending by number.
        public var accounts: [LockedAccount] = []
        /// The same accounts in the same order, as they were found.
        public var accountsBefore: [LockedAccount] = []
        /// Done and refused, in the order they were asked.
        public var transfers: [RecordedTransfer] = []
        /// Two for each transfer that moved money, the debit's first.
        public var entries: [Entry] = []
        /// In the order they were made, as they are now.
        public var newHolds: [Hold] = []
        /// Those that were there before and were posted, voided or expired.
        public var resolvedHolds: [Hold] = []

        public init() {}

        public var isEmpty: Bool { accounts.isEmpty && transfers.isEmpty }
    }

    /// The database's clock: when all that is asked was asked, and what holds expire by, whatever time
    /// an account has seen.
    public let now: Timestamp

    let usedOtherwise: Set<Identifier>
    var state: PostingState

    /// Expires the holds that are due.
    ///
    /// - Parameters:
    ///   - accounts: Locked: those that the requests name, the cash accounts of their currencies, and
    ///     those of the holds and transfers that they are about.
    ///   - recorded: What is kept under the requests' ids and under those of their subjects.
    ///   - reversed: Which of the transfers in `recorded` have been reversed.
    ///   - usedOtherwise: Which of the requests' ids stand for something that is no transfer.
    ///   - holds: Those that the requests are about, and the pending ones of `accounts` that are due.
    ///   - now: The database's clock, read after the locks were had.
    public init(
        accounts: [LockedAccount], recorded: [RecordedTransfer], reversed: Set<Identifier>,
        usedOtherwise: Set<Identifier> = [], holds: [Hold], now: Timestamp
    ) {
        self.now = now
        self.usedOtherwise = usedOtherwise
        state = PostingState(
            accounts: accounts, records: recorded, reversed: reversed, holds: holds)
        expireHolds()
    }

    /// What has changed since the start; gathered anew each time it is asked for.
    public var changes: Changes {
        var changes = Changes()
        let accounts = state.changedAccounts.sorted { $0.now.number < $1.now.number }
        changes.accounts = accounts.map(\.now)
        changes.accountsBefore = accounts.map(\.before)
        changes.transfers = state.newRecords
        changes.entries = state.entries
        changes.newHolds = state.newHolds
        changes.resolvedHolds = state.resolvedHolds
        return changes
    }
}
