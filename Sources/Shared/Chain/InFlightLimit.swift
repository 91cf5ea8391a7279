import Synchronization

/// Counts the requests that are being answered, and refuses those past a limit.
public final class InFlightLimit: Sendable {
    private let limit: Int
    private let count = Atomic(0)

    public init(_ limit: Int) {
        self.limit = limit
    }

    /// - Returns: false when the limit is reached; otherwise ``leave()`` must follow.
    public func enter() -> Bool {
        guard count.wrappingAdd(1, ordering: .relaxed).newValue > limit else { return true }
        leave()
        return false
    }

    public func leave() {
        count.wrappingSubtract(1, ordering: .relaxed)
    }

    public var isEmpty: Bool { count.load(ordering: .relaxed) == 0 }
}
