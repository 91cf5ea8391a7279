extension String: PostgresArrayElement, PostgresDecodable {
    public static var postgresType: PostgresType { .text }
    public static var postgresArrayType: PostgresType { .textArray }

    @inlinable
    public func encode(into writer: inout PostgresWriter) {
        writer.append(utf8: self)
    }

    public init(_ value: PostgresValue) throws(PostgresDecodingError.Reason) {
        let bytes = try value.bytes(of: .text, or: .varchar, .bpchar, .name, .unknown)
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .malformed }
        self = text
    }
}

extension Bool: PostgresArrayElement, PostgresDecodable {
    public static var postgresType: PostgresType { .bool }
    public static var postgresArrayType: PostgresType { .boolArray }

    @inlinable
    public func encode(into writer: inout PostgresWriter) {
        writer.append(UInt8(self ? 1 : 0))
    }

    public init(_ value: PostgresValue) throws(PostgresDecodingError.Reason) {
        self = try value.bytes(of: .bool).integer(UInt8.self) != 0
    }
}
