extension Int64: PostgresArrayElement, PostgresDecodable {
    public static var postgresType: PostgresType { .int8 }
    public static var postgresArrayType: PostgresType { .int8Array }

    @inlinable
    public func encode(into writer: inout PostgresWriter) {
        writer.append(self)
    }

    /// Reads an int8, or a narrower integer widened.
    public init(_ value: PostgresValue) throws(PostgresDecodingError.Reason) {
        switch value.type {
        case .int4, .int2: self = Int64(try Int32(value))
        default: self = try value.bytes(of: .int8).integer(Int64.self)
        }
    }
}

extension Int32: PostgresArrayElement, PostgresDecodable {
    public static var postgresType: PostgresType { .int4 }
    public static var postgresArrayType: PostgresType { .int4Array }

    @inlinable
    public func encode(into writer: inout PostgresWriter) {
        writer.append(self)
    }

    /// Reads an int4, or an int2 widened.
    public init(_ value: PostgresValue) throws(PostgresDecodingError.Reason) {
        switch value.type {
        case .int2: self = Int32(try value.bytes(of: .int2).integer(Int16.self))
        default: self = try value.bytes(of: .int4).integer(Int32.self)
        }
    }
}

/// An int8 (Swift's `Int` has 64 bits on every platform this runs on).
extension Int: PostgresArrayElement, PostgresDecodable {
    public static var postgresType: PostgresType { .int8 }
    public static var postgresArrayType: PostgresType { .int8Array }

    @inlinable
    public func encode(into writer: inout PostgresWriter) {
        writer.append(Int64(self))
    }

    public init(_ value: PostgresValue) throws(PostgresDecodingError.Reason) {
        guard let integer = Int(exactly: try Int64(value)) else { throw .malformed }
        self = integer
    }
}
