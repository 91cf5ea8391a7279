import BalanceAPI
import Chain
import Ledger

/// One caller's question, as it waits for a batch.
struct BalanceRead: Sendable {
    var account: AccountNumber
    /// The version that the caller has seen already; zero: none.
    var atLeastVersion: Int64 = 0
    /// The balance as it was at this time; nil: now.
    var at: Timestamp?
    /// The caller's trace, when it is sampled.
    var trace: TraceContext?
}

/// What the balance service said to one member of a batch.
struct BalanceReadOutcome: Sendable {
    var outcome: Teller_Balance_V1_BalanceOutcome
    /// What the tiers behind this one spent, when the caller's trace is sampled.
    var timing: ServerTiming?
}

/// Collects the reads of concurrent callers into calls of hop 2.
typealias BalanceBatcher = Batcher<BalanceRead, BalanceReadOutcome>
