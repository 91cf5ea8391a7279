/// A universally unique identifier (RFC 9562): sixteen bytes.
public struct PostgresUUID: Hashable, Sendable {
    /// The first eight bytes, the first of them the most significant.
    public let high: UInt64
    /// The last eight bytes.
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

extension PostgresUUID: PostgresArrayElement, PostgresDecodable {
    public static var postgresType: PostgresType { .uuid }

    @inlinable
    public func encode(into writer: inout PostgresWriter) {
        writer.append(high)
        writer.append(low)
    }

    public init(_ value: PostgresValue) throws(PostgresDecodingError.Reason) {
        let bytes = try value.bytes(of: .uuid)
        guard bytes.count == 16 else { throw .malformed }
        high = UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
        low = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }
}
