import Ledger

/// The outcome of a group.
enum GroupResult: Sendable {
    /// One for each request, in order.
    case outcomes([TransferOutcome])
    /// Its time was over before anything was done.
    case deadlineExceeded
    /// The session of whoever asked goes on no more; nothing was done.
    case signedOut
    /// It may or may not have been done.
    case outcomeUnknown
    /// Another transaction has locked an account that it needs; nothing was done.
    case busy
    /// The database cannot be had; nothing was done.
    case unavailable(any Error)
    /// It cannot be posted; nothing was done.
    case failed

    /// Whether to ask again would be answered the same.
    var isFinal: Bool {
        if case .outcomes = self { true } else { false }
    }
}
