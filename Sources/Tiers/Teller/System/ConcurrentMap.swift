extension Array where Element: Sendable {
    /// What a transformation makes of each element, in order, some at a time.
    func concurrentMap<Value: Sendable>(
        atOnce most: Int, _ transform: @escaping @Sendable (Element) async -> Value
    ) async -> [Value] {
        await withTaskGroup(of: (Int, Value).self) { group in
            var values = [Value?](repeating: nil, count: count)
            var waiting = enumerated().makeIterator()
            func startNext() {
                guard let (index, element) = waiting.next() else { return }
                group.addTask { (index, await transform(element)) }
            }
            for _ in 0..<most { startNext() }
            for await (index, value) in group {
                values[index] = value
                startNext()
            }
            return values.compactMap(\.self)
        }
    }
}
