/// The parts in which the groups of a batch are posted: at first one. A part that cannot have all its locks
/// is divided and goes behind the others, until the group that wants the locked row is alone.
struct PostingParts {
    /// How often a group that is alone waits for a locked row, counted for all such groups together.
    private static let tries = 3
    /// In how many parts one is divided.
    private static let divisor = 4

    private var parts: [[Int]]
    private var triesLeft = tries

    init(of count: Int) {
        parts = count == 0 ? [] : [Array(0..<count)]
    }

    var isEmpty: Bool { parts.isEmpty }

    /// The part to post next, by its groups' places in the batch.
    var next: [Int]? { parts.first }

    /// Drops the other groups.
    mutating func keep(where isOpen: (Int) -> Bool) {
        parts = parts.map { $0.filter(isOpen) }.filter { !$0.isEmpty }
    }

    /// Puts the next part behind the others, in smaller ones: those who can have their locks go ahead.
    ///
    /// - Returns: false when it is one group that has waited long enough, or a row that stays locked would
    ///   keep everybody else from being posted.
    mutating func divide() -> Bool {
        guard let part = parts.first else { return true }
        if part.count == 1 {
            triesLeft -= 1
            if triesLeft <= 0 { return false }
        }
        let size = (part.count + Self.divisor - 1) / Self.divisor
        parts.removeFirst()
        parts += stride(from: 0, to: part.count, by: size).map { start in
            Array(part.dropFirst(start).prefix(size))
        }
        return true
    }
}
