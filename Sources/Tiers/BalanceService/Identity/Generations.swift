/// Values by key, of which only so many are remembered: what is new or was changed is in the first half; when that is
/// full, what is in the second is forgotten.
struct Generations<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    /// Of each half.
    private let limit: Int
    private var recent: [Key: Value] = [:]
    private var older: [Key: Value] = [:]

    init(limit: Int) { self.limit = limit }

    var count: Int { recent.count + older.count }
    var isEmpty: Bool { recent.isEmpty && older.isEmpty }

    subscript(key: Key) -> Value? {
        get { recent[key] ?? older[key] }
        set {
            guard let newValue else {
                recent[key] = nil
                older[key] = nil
                return
            }
            if recent.count >= limit { (older, recent) = (recent, [:]) }
            recent[key] = newValue
        }
    }

    mutating func removeAll() { (recent, older) = ([:], [:]) }
}
