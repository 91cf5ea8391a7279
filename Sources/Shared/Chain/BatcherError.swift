/// Why a ``Batcher`` gave a caller no outcome.
public enum BatcherError: Error, Sendable, Hashable {
    /// As much is waiting as may wait; try again later.
    case overloaded
    /// The caller's deadline passed before the outcome arrived.
    case deadlineExceeded
    /// The batcher is shut down.
    case closed
}
