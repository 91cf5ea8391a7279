/// Growing pauses between attempts, spread so that those who failed together do not come back in step.
public struct Backoff: Sendable {
    private let shortest: Duration
    private let longest: Duration
    private var ceiling: Duration

    /// - Parameters:
    ///   - shortest: The ceiling of the first pause.
    ///   - longest: That no pause exceeds.
    public init(shortest: Duration = .milliseconds(50), longest: Duration = .seconds(1)) {
        self.shortest = min(shortest, longest)
        self.longest = longest
        ceiling = self.shortest
    }

    /// The next pause: between a half and the whole of a ceiling that doubles each time.
    ///
    /// - Parameter chance: Where between them: 0 to 1.
    public mutating func next(chance: Double = .random(in: 0...1)) -> Duration {
        defer { ceiling = min(ceiling * 2, longest) }
        return ceiling / 2 * (1 + chance)
    }

    /// Begins with the shortest again.
    public mutating func reset() {
        ceiling = shortest
    }
}
