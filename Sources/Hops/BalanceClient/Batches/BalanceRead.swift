public import BalanceAPI
public import Chain
public import Ledger

/// One caller's question, as it waits for a batch.
public struct BalanceRead: Sendable {
    public var account: AccountNumber
    var atLeastVersion: Int64
    public var at: Timestamp?
    var context: CallContext

    /// - Parameters:
    ///   - atLeastVersion: The version that the caller has seen already; zero: none.
    ///   - at: The balance as it was at this time; nil: now.
    public init(
        account: AccountNumber, atLeastVersion: Int64 = 0, at: Timestamp? = nil,
        context: CallContext
    ) {
        self.account = account
        self.atLeastVersion = atLeastVersion
        self.at = at
        self.context = context
    }
}

/// What the balance service said to one member of a batch.
public struct BalanceReadOutcome: Sendable {
    public var outcome: Teller_Balance_V1_BalanceOutcome
    /// What the tiers behind this one spent, when the caller's trace is sampled.
    public var timing: ServerTiming?
}

/// Collects the reads of concurrent callers into calls of hop 2.
typealias BalanceBatcher = Batcher<BalanceRead, BalanceReadOutcome>
