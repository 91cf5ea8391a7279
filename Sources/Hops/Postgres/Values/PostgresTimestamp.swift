/// A timestamptz: an instant in microseconds since 2000-01-01 00:00:00 UTC, PostgreSQL's own epoch.
public struct PostgresTimestamp: Hashable, Comparable, Sendable {
    /// Microseconds since 2000-01-01 00:00:00 UTC; negative before.
    public let microsecondsSince2000: Int64

    /// PostgreSQL's `infinity`: later than every other timestamp.
    public static let infinity = PostgresTimestamp(microsecondsSince2000: .max)
    /// PostgreSQL's `-infinity`: earlier than every other timestamp.
    public static let negativeInfinity = PostgresTimestamp(microsecondsSince2000: .min)

    /// Seconds from 1970-01-01 to 2000-01-01.
    private static let epochOffset: Int64 = 946_684_800

    public init(microsecondsSince2000: Int64) {
        self.microsecondsSince2000 = microsecondsSince2000
    }

    /// Makes an instant from the form of POSIX `timespec`.
    /// - Parameters:
    ///   - seconds: seconds since 1970-01-01 00:00:00 UTC.
    ///   - nanoseconds: 0 to 999,999,999 more; what is below a microsecond is dropped.
    /// - Returns: nil when out of range.
    public init?(secondsSinceEpoch seconds: Int64, nanoseconds: Int32 = 0) {
        guard (0..<1_000_000_000).contains(nanoseconds) else { return nil }
        let (since2000, before) = seconds.subtractingReportingOverflow(Self.epochOffset)
        let (scaled, large) = since2000.multipliedReportingOverflow(by: 1_000_000)
        let (sum, over) = scaled.addingReportingOverflow(Int64(nanoseconds / 1000))
        guard !before, !large, !over, sum != .max, sum != .min else { return nil }
        self.init(microsecondsSince2000: sum)
    }

    /// False for `infinity` and `-infinity`, whose conversions below mean nothing.
    public var isFinite: Bool {
        self != .infinity && self != .negativeInfinity
    }

    /// Whole seconds since 1970-01-01 00:00:00 UTC, rounded towards the past.
    public var secondsSinceEpoch: Int64 {
        let quotient = microsecondsSince2000 / 1_000_000
        return quotient - (microsecondsSince2000 % 1_000_000 < 0 ? 1 : 0) + Self.epochOffset
    }

    /// 0 to 999,999,000 nanoseconds after `secondsSinceEpoch`.
    public var nanoseconds: Int32 {
        Int32(fraction) * 1000
    }

    private var fraction: Int64 {
        let remainder = microsecondsSince2000 % 1_000_000
        return remainder < 0 ? remainder + 1_000_000 : remainder
    }

    public static func < (left: Self, right: Self) -> Bool {
        left.microsecondsSince2000 < right.microsecondsSince2000
    }
}

extension PostgresTimestamp: PostgresArrayElement, PostgresDecodable {
    public static var postgresType: PostgresType { .timestamptz }
    public static var postgresArrayType: PostgresType { .timestamptzArray }

    @inlinable
    public func encode(into writer: inout PostgresWriter) {
        writer.append(microsecondsSince2000)
    }

    public init(_ value: PostgresValue) throws(PostgresDecodingError.Reason) {
        self.init(microsecondsSince2000: try value.bytes(of: .timestamptz).integer(Int64.self))
    }
}
