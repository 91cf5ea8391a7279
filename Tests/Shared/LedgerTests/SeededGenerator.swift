#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// SplitMix64: a small generator that gives the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// Seeded by `TELLER_SEED` where it is set, else at random; prints the line that replays.
    init(for test: String = #function) {
        state = Self.givenSeed ?? UInt64.random(in: 0...UInt64.max)
        print("\(test): replay with TELLER_SEED=\(state)")
    }

    /// A seed for each of so many runs of a test, or only the one of `TELLER_SEED` where it is set.
    static func seeds(_ count: Int) -> [UInt64] {
        if let givenSeed { return [givenSeed] }
        var seeds = SeededGenerator(seed: UInt64.random(in: 0...UInt64.max))
        return (0..<count).map { _ in seeds.next() }
    }

    private static var givenSeed: UInt64? {
        getenv("TELLER_SEED").flatMap { UInt64(String(cString: $0)) }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number whose magnitude, rather than value, is uniform: small ones are as likely as large.
    mutating func int64() -> Int64 {
        Int64(bitPattern: next()) >> Int64.random(in: 0...63, using: &self)
    }

    mutating func accountNumber() throws -> (bank: String, number: Int64) {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        var bank = ""
        for _ in 0..<4 {
            bank.append(letters[Int.random(in: 0..<26, using: &self)])
        }
        let digits = Int.random(in: 1...10, using: &self)
        let bound = (0..<digits).reduce(Int64(1)) { power, _ in power * 10 }
        return (bank, Int64.random(in: 0..<bound, using: &self))
    }
}
