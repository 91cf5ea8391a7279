/// A value that can be read from a column in PostgreSQL's binary format.
public protocol PostgresDecodable {
    /// Reads the value.
    /// - Throws: why the column does not hold such a value.
    init(_ value: PostgresValue) throws(PostgresDecodingError.Reason)
}

/// One column of one row, as the server sent it. Valid only during the call it is passed to.
public struct PostgresValue {
    /// The type the server says the column has.
    public let type: PostgresType
    /// The binary form; nil for NULL.
    public let bytes: UnsafeRawBufferPointer?

    init(type: PostgresType, bytes: UnsafeRawBufferPointer?) {
        self.type = type
        self.bytes = bytes
    }

    /// The bytes of a value that is not NULL and is of one of the given types.
    /// - Throws: `.unexpectedNull` or `.typeMismatch`.
    public func bytes(
        of expected: PostgresType, or others: PostgresType...
    ) throws(PostgresDecodingError.Reason) -> UnsafeRawBufferPointer {
        guard type == expected || others.contains(type) else {
            throw .typeMismatch(expected: expected)
        }
        guard let bytes else { throw .unexpectedNull }
        return bytes
    }

    /// The integer that fills the whole value, in network order.
    /// - Throws: `.unexpectedNull`, `.typeMismatch`, or `.malformed` when it has another width.
    public func integer<Value: FixedWidthInteger>(
        _: Value.Type, of expected: PostgresType
    ) throws(PostgresDecodingError.Reason) -> Value {
        let bytes = try bytes(of: expected)
        guard bytes.count == MemoryLayout<Value>.size else { throw .malformed }
        return Value(bigEndian: bytes.loadUnaligned(as: Value.self))
    }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    public init(_ value: PostgresValue) throws(PostgresDecodingError.Reason) {
        self = value.bytes == nil ? nil : try Wrapped(value)
    }
}
