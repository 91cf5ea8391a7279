extension Int64: PostgresArrayElement, PostgresDecodable {
    public static var postgresType: PostgresType { .int8 }
}

extension Int32: PostgresArrayElement, PostgresDecodable {
    public static var postgresType: PostgresType { .int4 }
}

/// An int8 (Swift's `Int` has 64 bits on every platform this runs on).
extension Int: PostgresArrayElement, PostgresDecodable {
    public static var postgresType: PostgresType { .int8 }
}

extension FixedWidthInteger where Self: PostgresArrayElement & PostgresDecodable {
    @inlinable
    public func encode(into writer: inout PostgresWriter) {
        writer.append(self)
    }

    /// Reads a column of the same width, or a narrower one widened.
    public init(_ value: PostgresValue) throws(PostgresDecodingError.Reason) {
        switch value.type {
        case .int2: self = Self(try value.integer(Int16.self, of: .int2))
        case .int4: self = Self(try value.integer(Int32.self, of: .int4))
        default: self = try value.integer(Self.self, of: Self.postgresType)
        }
    }
}

extension String: PostgresArrayElement, PostgresDecodable {
    public static var postgresType: PostgresType { .text }

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

    @inlinable
    public func encode(into writer: inout PostgresWriter) {
        writer.append(UInt8(self ? 1 : 0))
    }

    public init(_ value: PostgresValue) throws(PostgresDecodingError.Reason) {
        self = try value.integer(UInt8.self, of: .bool) != 0
    }
}
