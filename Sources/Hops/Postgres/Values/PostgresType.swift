/// A PostgreSQL data type, by its object identifier (catalog `pg_type`).
public struct PostgresType: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    public static let bool = PostgresType(rawValue: 16)
    public static let name = PostgresType(rawValue: 19)
    public static let int8 = PostgresType(rawValue: 20)
    public static let int2 = PostgresType(rawValue: 21)
    public static let int4 = PostgresType(rawValue: 23)
    public static let text = PostgresType(rawValue: 25)
    public static let unknown = PostgresType(rawValue: 705)
    public static let bpchar = PostgresType(rawValue: 1042)
    public static let varchar = PostgresType(rawValue: 1043)
    public static let timestamptz = PostgresType(rawValue: 1184)
    public static let uuid = PostgresType(rawValue: 2950)

    private static let known: [(type: PostgresType, name: String, array: UInt32)] = [
        (.bool, "bool", 1000), (.name, "name", 1003), (.int8, "int8", 1016), (.int2, "int2", 1005),
        (.int4, "int4", 1007), (.text, "text", 1009), (.unknown, "unknown", 0),
        (.bpchar, "bpchar", 1014), (.varchar, "varchar", 1015),
        (.timestamptz, "timestamptz", 1185), (.uuid, "uuid", 2951),
    ]

    /// The type of an array of these.
    public var array: PostgresType {
        PostgresType(rawValue: Self.known.first { $0.type == self }?.array ?? 0)
    }

    /// Of what this is an array; nil when it is none of a known type.
    var element: PostgresType? { Self.known.first { $0.array == rawValue }?.type }
}

extension PostgresType: CustomStringConvertible {
    public var description: String {
        if let known = Self.known.first(where: { $0.type == self }) { return known.name }
        return element.map { "\($0)[]" } ?? "type \(rawValue)"
    }
}
