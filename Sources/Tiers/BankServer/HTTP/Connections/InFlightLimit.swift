import Synchronization

/// Counts the requests that are being answered, and refuses those past a limit.
final class InFlightLimit: Sendable {
    private let limit: Int
    private let count = Atomic(0)

    init(_ limit: Int) {
        self.limit = limit
    }

    /// - Returns: false when the limit is reached; otherwise ``leave()`` must follow.
    func enter() -> Bool {
        guard count.wrappingAdd(1, ordering: .relaxed).newValue > limit else { return true }
        leave()
        return false
    }

    func leave() {
        count.wrappingSubtract(1, ordering: .relaxed)
    }
}
