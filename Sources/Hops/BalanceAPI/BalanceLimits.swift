/// Hop 2's bounds, for both of its ends.
public enum BalanceLimits {
    /// The most queries that one BalancesRequest may hold.
    public static let queries = 1000
    /// The most transfers that one SubmitTransfersRequest may hold, in all its groups, and the most ids
    /// of one GetTransfersRequest.
    public static let transfers = 1000
    /// The page size of ListAccounts when none is asked for, and the largest one.
    public static let defaultPageSize = 50
    public static let largestPageSize = 500
}
