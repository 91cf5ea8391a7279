import Synchronization

/// Bounds the memory that bodies of requests take, of all connections together.
final class MemoryBudget: Sendable {
    private let free: Atomic<Int>

    init(bytes: Int) {
        free = Atomic(bytes)
    }

    /// - Returns: false when there is not so much left; otherwise ``release(_:)`` must follow.
    func reserve(_ bytes: Int) -> Bool {
        guard free.wrappingSubtract(bytes, ordering: .relaxed).newValue < 0 else { return true }
        release(bytes)
        return false
    }

    func release(_ bytes: Int) {
        free.wrappingAdd(bytes, ordering: .relaxed)
    }
}
