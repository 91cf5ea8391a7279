/// Arrays are one-dimensional; an element of an array of optionals may be NULL.
extension Array: PostgresEncodable where Element: PostgresArrayElement {
    public static var postgresType: PostgresType { Element.postgresType.array }

    @inlinable
    public func encode(into writer: inout PostgresWriter) {
        writer.reserve(20 + count * 12)
        writer.append(Int32(isEmpty ? 0 : 1))
        writer.append(Int32(contains { $0.isPostgresNull } ? 1 : 0))
        writer.append(Element.postgresType.rawValue)
        if isEmpty { return }
        writer.append(Int32(truncatingIfNeeded: count))
        writer.append(Int32(1))  // the lower bound, as in SQL
        for element in self {
            writer.append(lengthPrefixed: element)
        }
    }
}

extension PostgresWriter {
    /// Appends a length of four bytes and the value; −1 and nothing for NULL.
    @inlinable
    mutating func append(lengthPrefixed value: some PostgresEncodable) {
        guard !value.isPostgresNull else { return append(Int32(-1)) }
        let start = bytes.count
        append(Int32(0))
        value.encode(into: &self)
        let length = Int32(truncatingIfNeeded: bytes.count - start - 4).bigEndian
        withUnsafeBytes(of: length) { length in
            bytes.withUnsafeMutableBytes { $0[start..<(start + 4)].copyBytes(from: length) }
        }
    }
}

extension Array: PostgresDecodable where Element: PostgresDecodable {
    public init(_ value: PostgresValue) throws(PostgresDecodingError.Reason) {
        guard let bytes = value.bytes else { throw .unexpectedNull }
        var reader = ArrayReader(bytes: bytes)
        let dimensions = try reader.integer()
        _ = try reader.integer()  // whether there are NULLs: each element says so itself
        let elementType = PostgresType(rawValue: UInt32(bitPattern: try reader.integer()))
        guard value.type.element == elementType else { throw .notAnArray }
        self = []
        guard dimensions != 0 else { return }
        guard dimensions == 1 else { throw .notOneDimensional }
        let count = Int(try reader.integer())
        _ = try reader.integer()  // the lower bound
        // A count is believed only as far as the bytes can hold it.
        guard count >= 0, count <= reader.remaining / 4 else { throw .malformed }
        reserveCapacity(count)
        for _ in 0..<count {
            append(try Element(PostgresValue(type: elementType, bytes: try reader.element())))
        }
        guard reader.remaining == 0 else { throw .malformed }
    }
}

/// Walks the binary form of an array without trusting its lengths.
private struct ArrayReader {
    let bytes: UnsafeRawBufferPointer
    var offset = 0

    var remaining: Int { bytes.count - offset }

    mutating func integer() throws(PostgresDecodingError.Reason) -> Int32 {
        guard remaining >= 4 else { throw .malformed }
        defer { offset += 4 }
        return Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self))
    }

    mutating func element() throws(PostgresDecodingError.Reason) -> UnsafeRawBufferPointer? {
        let length = Int(try integer())
        if length == -1 { return nil }
        guard length >= 0, length <= remaining else { throw .malformed }
        defer { offset += length }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + length)])
    }
}
