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
