/// The prepared statements of one connection: the least recently used ones go.
struct StatementCache {
    private struct Entry {
        let name: String
        /// Of its parameters: part of what is prepared, and not told by the text.
        let types: [UInt32]
        var lastUse: UInt64
    }

    private var entries: [String: Entry] = [:]
    private var clock: UInt64 = 0
    private let limit: Int
    /// Names that the server still has and the cache no longer.
    private(set) var evicted: [String] = []

    init(limit: Int) {
        self.limit = limit
    }

    /// The name under which the server has the statement prepared for parameters of these types.
    mutating func name(for text: String, types: [UInt32]) -> String? {
        clock &+= 1
        guard let index = entries.index(forKey: text), entries.values[index].types == types
        else { return nil }
        entries.values[index].lastUse = clock
        return entries.values[index].name
    }

    /// A name no statement of this connection has had.
    mutating func makeName() -> String {
        clock &+= 1
        return "s\(clock)"
    }

    /// Notes that the server has prepared the statement.
    mutating func insert(_ text: String, types: [UInt32], name: String) {
        let entry = Entry(name: name, types: types, lastUse: clock)
        if let old = entries.updateValue(entry, forKey: text) {
            evicted.append(old.name)
        }
        while entries.count > limit,
            let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse })
        {
            entries[oldest.key] = nil
            evicted.append(oldest.value.name)
        }
    }

    /// Notes that the server no longer takes the statement as it is.
    mutating func invalidate(_ text: String) {
        if let old = entries.removeValue(forKey: text) { evicted.append(old.name) }
    }

    /// Notes that the server has lost statements, as after `DEALLOCATE ALL`.
    mutating func removeAll() {
        entries = [:]
        evicted = []
    }

    /// Notes that the server has dropped the statement of that name, or had none.
    mutating func deallocated(_ name: String) {
        evicted.removeAll { $0 == name }
    }
}
