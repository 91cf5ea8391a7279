/// Growing pauses between attempts to connect, spread so that servers that lost the same peer do
/// not return to it in step.
struct Backoff: Sendable {
    static let shortest = Duration.milliseconds(50)
    static let longest = Duration.seconds(1)

    private var ceiling = Backoff.shortest

    /// The next pause: between a half and the whole of a ceiling that doubles each time.
    mutating func next() -> Duration {
        defer { ceiling = min(ceiling * 2, Self.longest) }
        return ceiling * Double.random(in: 0.5...1)
    }

    mutating func reset() {
        ceiling = Self.shortest
    }
}
