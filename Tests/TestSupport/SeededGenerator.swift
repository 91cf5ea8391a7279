internal import Foundation

/// SplitMix64: a small generator that gives the same numbers for the same seed.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    /// Seeded by `TELLER_SEED` where it is set, else at random; prints the line that replays.
    public init(for test: String = #function) {
        state = Self.givenSeed ?? UInt64.random(in: 0...UInt64.max)
        print("\(test): replay with TELLER_SEED=\(state)")
    }

    /// A seed for each of so many runs of a test, or only the one of `TELLER_SEED` where it is set.
    public static func seeds(_ count: Int) -> [UInt64] {
        if let givenSeed { return [givenSeed] }
        var seeds = SeededGenerator(seed: UInt64.random(in: 0...UInt64.max))
        return (0..<count).map { _ in seeds.next() }
    }

    /// Whether one seed is to be replayed.
    public static var isGiven: Bool { givenSeed != nil }

    /// Runs a body with one seed after the other: for so long, or as many minutes as a soak has
    /// (`TELLER_SOAK_MINUTES`); `TELLER_SEED` runs one.
    ///
    /// - Returns: the first failure, and the seed that replays it.
    public static func soak(
        _ what: String, for duration: Duration, _ body: (UInt64) throws -> Void
    ) -> String? {
        let minutes = ProcessInfo.processInfo.environment["TELLER_SOAK_MINUTES"].flatMap(Int.init)
        let end = ContinuousClock.now + (minutes.map { .seconds($0 * 60) } ?? duration)
        var seed = seeds(1)[0]
        var generator = SeededGenerator(seed: seed)
        var count = 0
        repeat {
            count += 1
            do {
                try body(seed)
            } catch {
                return "replay with TELLER_SEED=\(seed), the \(count)th of \(what): \(error)"
            }
            seed = generator.next()
        } while ContinuousClock.now < end && !isGiven
        print("\(count) seeds of \(what)")
        return nil
    }

    private static var givenSeed: UInt64? {
        ProcessInfo.processInfo.environment["TELLER_SEED"].flatMap { UInt64($0) }
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// One of its own for each worker: how they interleave changes nothing in what each asks.
    public mutating func fork() -> SeededGenerator { SeededGenerator(seed: next()) }

    public mutating func chance(_ percent: Int) -> Bool { number(0...99) < percent }

    public mutating func number(_ range: ClosedRange<Int>) -> Int {
        Int.random(in: range, using: &self)
    }

    public mutating func milliseconds(_ range: ClosedRange<Int>) -> Duration {
        .milliseconds(number(range))
    }
}
