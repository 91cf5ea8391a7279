/// A tid: where the version of a row is in its table, as the system column `ctid` tells. It holds for as
/// long as a transaction has the row locked.
public struct PostgresTupleID: Hashable, Sendable {
    /// The page.
    public let block: UInt32
    /// In the page, from 1.
    public let offset: UInt16

    public init(block: UInt32, offset: UInt16) {
        self.block = block
        self.offset = offset
    }
}

extension PostgresTupleID: PostgresArrayElement, PostgresDecodable {
    public static var postgresType: PostgresType { .tid }
    public static var postgresArrayType: PostgresType { .tidArray }

    @inlinable
    public func encode(into writer: inout PostgresWriter) {
        writer.append(block)
        writer.append(offset)
    }

    public init(_ value: PostgresValue) throws(PostgresDecodingError.Reason) {
        let bytes = try value.bytes(of: .tid)
        guard bytes.count == 6 else { throw .malformed }
        self.init(
            block: UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self)),
            offset: UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt16.self)))
    }
}
