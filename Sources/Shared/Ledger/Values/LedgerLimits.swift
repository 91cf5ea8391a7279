/// How large what is new in the ledger may be: more than anybody has, and far from the end of 64 bits, so
/// that nobody's money keeps others from moving theirs. What a ledger has already may be larger, and can
/// come down.
public enum LedgerLimits {
    /// The most that a transfer or a hold may be of, in minor units.
    public static let transfer: Int64 = 1_000_000_000_000_000
    /// How far from zero a balance, what is available, and a limit may be, in minor units.
    public static let balance: Int64 = 1 << 62
}
