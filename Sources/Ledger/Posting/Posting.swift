/// The rules of the ledger, applied in memory to accounts that a transaction has locked: requests in
/// order in, an outcome for each out, with the changes to write.
///
/// Pure: the same input gives the same output, for one request or for five hundred.
public struct Posting: Sendable {
    /// What the transaction is to write.
    public struct Changes: Hashable, Sendable {
        /// Each account that changed, once, as it is now; ascending by number.
        public var accounts: [LockedAccount] = []
        /// Done and refused, in the order they were asked.
        public var transfers: [RecordedTransfer] = []
        public var entries: [Entry] = []
        /// As they were made, and as they are now.
        public var newHolds: [Hold] = []
        /// Those that were there before and were posted, voided or expired.
        public var resolvedHolds: [Hold] = []

        public init() {}

        public var isEmpty: Bool { accounts.isEmpty && transfers.isEmpty }
    }

    public private(set) var changes = Changes()

    /// - Parameters:
    ///   - accounts: Locked: those that the requests name, the cash accounts of their currencies, and
    ///     those of the holds and transfers that they are about.
    ///   - recorded: What is kept under the requests' ids and under those of their subjects.
    ///   - reversed: Which of the transfers in `recorded` have been reversed.
    ///   - holds: Those that the requests are about, and the pending ones of `accounts` that are due.
    ///   - now: The database's clock, read after the locks were had.
    public init(
        accounts: [LockedAccount], recorded: [RecordedTransfer], reversed: Set<Identifier>,
        holds: [Hold], now: Timestamp
    ) {}

    /// Does all that the group asks or, when one of its requests is refused, nothing.
    ///
    /// - Parameter group: One request; or several that are linked.
    /// - Returns: An outcome for each, in order.
    public mutating func apply(_ group: [TransferRequest]) -> [TransferOutcome] { [] }
}
