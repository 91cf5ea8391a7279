/// An instant by the clock of the ledger's database.
public struct Timestamp: Hashable, Comparable, Sendable {
    /// Microseconds since 1970-01-01T00:00:00Z, without leap seconds.
    public let microseconds: Int64

    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }

    /// So many seconds later; as late as can be when that is past all counting.
    public func adding(seconds: Int64) -> Timestamp {
        let (span, isLarge) = seconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, isLate) = microseconds.addingReportingOverflow(span)
        return Timestamp(microseconds: isLarge || isLate ? .max : sum)
    }
}
