import Ledger

extension Identifier {
    /// A new one, which sorts by this machine's clock.
    static func now() -> Identifier {
        var generator = SystemRandomNumberGenerator()
        return version7(milliseconds: milliseconds, using: &generator)
    }

    /// A new one that very many others can follow on.
    static func nowToCountFrom() -> Identifier {
        var generator = SystemRandomNumberGenerator()
        return version7ToCountFrom(milliseconds: milliseconds, using: &generator)
    }

    private static var milliseconds: UInt64 { UInt64(clamping: Timestamp.now.microseconds / 1000) }
}
