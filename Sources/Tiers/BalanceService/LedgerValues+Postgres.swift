public import Ledger
public import Postgres

extension Identifier: PostgresArrayElement, PostgresDecodable {
    public static var postgresType: PostgresType { .uuid }

    public func encode(into writer: inout PostgresWriter) {
        writer.append(high)
        writer.append(low)
    }

    public init(_ value: PostgresValue) throws(PostgresDecodingError.Reason) {
        guard let id = Identifier(bytes: try value.bytes(of: .uuid)) else { throw .malformed }
        self = id
    }
}

extension UserName: PostgresArrayElement, PostgresDecodable {
    public static var postgresType: PostgresType { .text }

    public func encode(into writer: inout PostgresWriter) {
        description.encode(into: &writer)
    }

    public init(_ value: PostgresValue) throws(PostgresDecodingError.Reason) {
        guard let name = UserName(try String(value)) else { throw .malformed }
        self = name
    }
}

/// PostgreSQL counts microseconds from 2000-01-01; its least and its greatest number are its infinities.
extension Timestamp: PostgresArrayElement, PostgresDecodable {
    /// Microseconds from 1970-01-01 to 2000-01-01.
    private static let epochOffset: Int64 = 946_684_800_000_000
    /// What a timestamptz holds begins in 4713 BC (PostgreSQL manual, "Date/Time Types"). It ends in
    /// 294276 AD, later than every `Timestamp`.
    private static let earliest: Int64 = -211_813_488_000_000_000

    public static var postgresType: PostgresType { .timestamptz }

    /// One that no timestamptz holds becomes -infinity, which compares as it does.
    public func encode(into writer: inout PostgresWriter) {
        let (value, overflow) = microseconds.subtractingReportingOverflow(Self.epochOffset)
        writer.append(overflow || value < Self.earliest ? .min : value)
    }

    /// PostgreSQL's infinities are saturated.
    public init(_ value: PostgresValue) throws(PostgresDecodingError.Reason) {
        let value = try value.integer(Int64.self, of: .timestamptz)
        let (sum, overflow) = value.addingReportingOverflow(Self.epochOffset)
        self.init(microseconds: overflow ? .max : value == .min ? .min : sum)
    }
}
