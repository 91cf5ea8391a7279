import Synchronization

/// Bounds the memory that bodies of requests take, of all connections together.
final class MemoryBudget: Sendable {
    private let free: Atomic<Int>

    init(bytes: Int) {
        free = Atomic(bytes)
    }

    /// A part of the budget, given back when nobody has it any more.
    final class Reservation: Sendable {
        private let bytes = Atomic(0)
        private let budget: MemoryBudget

        /// Of nothing yet.
        init(of budget: MemoryBudget) {
            self.budget = budget
        }

        /// - Returns: false when there is not so much left.
        func grow(by more: Int) -> Bool {
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
