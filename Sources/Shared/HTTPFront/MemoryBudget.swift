import Synchronization

/// Bounds the memory that bodies of requests take, of all connections together.
public final class MemoryBudget: Sendable {
    private let free: Atomic<Int>

    public init(bytes: Int) {
        free = Atomic(bytes)
    }

    /// - Returns: What is kept for as long as the memory is used: of nothing yet.
    public func reservation() -> Reservation { Reservation(of: self) }

    /// A part of the budget, given back when nobody has it any more.
    public final class Reservation: Sendable {
        private let bytes = Atomic(0)
        private let budget: MemoryBudget

        fileprivate init(of budget: MemoryBudget) {
            self.budget = budget
        }

        /// - Returns: false when there is not so much left.
        public func grow(by more: Int) -> Bool {
            guard budget.free.wrappingSubtract(more, ordering: .relaxed).newValue >= 0 else {
                budget.free.wrappingAdd(more, ordering: .relaxed)
                return false
            }
            bytes.wrappingAdd(more, ordering: .relaxed)
            return true
        }

        deinit {
            budget.free.wrappingAdd(bytes.load(ordering: .relaxed), ordering: .relaxed)
        }
    }
}
