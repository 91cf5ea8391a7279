import Ledger

/// What came of a group.
enum GroupResult: Sendable {
    /// One for each request, in order.
    case outcomes([TransferOutcome])
    /// Its time was over before anything was done.
    case deadlineExceeded
    /// It may or may not have been done.
    case outcomeUnknown
    /// Nothing was done.
    case failed(any Error)
}
