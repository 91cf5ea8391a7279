// Many ids from one: its last 62 bits counted up. Source: RFC 9562, section 6.2, method 2, monotonic
// random; a bit that begins as zero guards against a rollover, as that section advises.
extension Identifier {
    private static let counter: UInt64 = 1 << 62 - 1

    /// Makes a version 7 UUID as ``version7(milliseconds:using:)`` does, which at least 2^61 others can
    /// follow on.
    public static func version7ToCountFrom(
        milliseconds: UInt64, using generator: inout some RandomNumberGenerator
    ) -> Identifier {
        let identifier = version7(milliseconds: milliseconds, using: &generator)
        return Identifier(high: identifier.high, low: identifier.low & ~(1 << 61))
    }

    /// The id that is so many behind this one; nil where there are not so many.
    public func advanced(by count: UInt64) -> Identifier? {
        let (sum, isOver) = (low & Self.counter).addingReportingOverflow(count)
        guard !isOver, sum <= Self.counter else { return nil }
        return Identifier(high: high, low: low & ~Self.counter | sum)
    }
}
