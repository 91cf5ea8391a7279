/// The parts in which the groups of a batch are posted: at first one. When one cannot have all its locks, the
/// groups that somebody keeps waiting go behind the others.
struct PostingParts {
    /// How often a part waits for a locked account, counted for all parts together.
    private static let tries = 3

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

    /// Divides the next part: first those who can have their locks, and behind all other parts those who
    /// cannot, by the accounts that are locked. So who wants one that is merely busy, as a cash account
    /// may always be, does not wait together with who wants one that stays locked.
    ///
    /// - Parameter locked: The accounts that each group of the part wants and somebody else has locked.
    /// - Returns: Whether to go on; if not, the part has waited for its locked accounts long enough.
    mutating func divide(by locked: [Set<Int64>]) -> Bool {
        guard let part = parts.first else { return true }
        var divided = Dictionary(grouping: zip(part, locked), by: { $0.1 })
            .mapValues { $0.map { $0.0 } }
        let free = divided.removeValue(forKey: [])
        if free == nil, divided.count == 1 {
            triesLeft -= 1
            if triesLeft <= 0 { return false }
        }
        parts.removeFirst()
        if let free { parts.insert(free, at: 0) }
        parts += divided.values.sorted { $0.count > $1.count }
        return true
    }
}
