/// A timestamptz: an instant in microseconds since 2000-01-01 00:00:00 UTC, PostgreSQL's own epoch.
public struct PostgresTimestamp: Hashable, Sendable {
    /// Microseconds since 2000-01-01 00:00:00 UTC; negative before.
    public let microsecondsSince2000: Int64

    /// PostgreSQL's `infinity`: later than every other timestamp.
    public static let infinity = PostgresTimestamp(microsecondsSince2000: .max)
    /// PostgreSQL's `-infinity`: earlier than every other timestamp.
    public static let negativeInfinity = PostgresTimestamp(microsecondsSince2000: .min)

    public init(microsecondsSince2000: Int64) {
        self.microsecondsSince2000 = microsecondsSince2000
    }
}

extension PostgresTimestamp: PostgresArrayElement, PostgresDecodable {
    public static var postgresType: PostgresType { .timestamptz }

    @inlinable
    public func encode(into writer: inout PostgresWriter) {
        writer.append(microsecondsSince2000)
    }

    public init(_ value: PostgresValue) throws(PostgresDecodingError.Reason) {
        self.init(microsecondsSince2000: try value.bytes(of: .timestamptz).integer(Int64.self))
    }
}
