import Synchronization

/// Random numbers for identifiers that need to be different, not secret.
///
/// The system's generator costs a system call a number. This is SplitMix64 from one system-given
/// start; source: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014.
struct FastRandom: RandomNumberGenerator {
    private static let state = Atomic(UInt64.random(in: 0 ... .max))

    mutating func next() -> UInt64 {
        let step = 0x9e37_79b9_7f4a_7c15 as UInt64
        var value = Self.state.wrappingAdd(step, ordering: .relaxed).newValue
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}
