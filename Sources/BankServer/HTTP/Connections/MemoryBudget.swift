import Synchronization

/// Bounds the memory that bodies of requests take, of all connections together.
final class MemoryBudget: Sendable {
    private let free: Atomic<Int>

    init(bytes: Int) {
        free = Atomic(bytes)
    }

    /// - Returns: What is kept for as long as the memory is used; `nil` when there is not so much left.
    func reserve(_ bytes: Int) -> Reservation? {
        let reservation = Reservation(bytes, of: self)
        let left = free.wrappingSubtract(bytes, ordering: .relaxed).newValue
        return left < 0 ? nil : reservation
    }

    /// A part of the budget, given back when nobody has it any more.
    final class Reservation: Sendable {
        private let bytes: Int
        private let budget: MemoryBudget

        fileprivate init(_ bytes: Int, of budget: MemoryBudget) {
            self.bytes = bytes
            self.budget = budget
        }

        deinit {
            budget.free.wrappingAdd(bytes, ordering: .relaxed)
        }
    }
}
