/// Growing pauses between attempts, spread so that those who failed together do not come back in step.
public struct Backoff: Sendable {
    private let shortest: Duration
    private let longest: Duration
    private var ceiling: Duration

    /// - Parameters:
    ///   - shortest: the ceiling of the first pause.
    ///   - longest: that no pause exceeds.
    public init(shortest: Duration = .milliseconds(50), longest: Duration = .seconds(1)) {
        self.shortest = shortest
        self.longest = longest
        ceiling = .zero
        reset()
    }

    /// The next pause: between a half and the whole of a ceiling that doubles each time.
    public mutating func next() -> Duration {
        defer { ceiling = min(ceiling * 2, longest) }
        return ceiling * Double.random(in: 0.5...1)
    }

    /// Begins with the shortest again.
    public mutating func reset() {
        ceiling = min(shortest, longest)
    }
}
