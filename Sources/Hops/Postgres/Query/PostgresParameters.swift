/// The bound values of a statement, in one buffer.
@usableFromInline
struct PostgresParameters: Sendable {
    /// Each parameter's type, and where its value is; nil for NULL.
    @usableFromInline var fields: [(type: UInt32, bytes: Range<Int>?)] = []
    @usableFromInline var writer = PostgresWriter()

    @inlinable
    mutating func append<Value: PostgresEncodable>(_ value: Value) {
        let start = writer.bytes.count
        if !value.isPostgresNull { value.encode(into: &writer) }
        let place = value.isPostgresNull ? nil : start..<writer.bytes.count
        fields.append((Value.postgresType.rawValue, place))
    }

    var types: [UInt32] { fields.map(\.type) }

    /// Calls `body` with the arrays that libpq's send functions take.
    func withLibPQArrays<Result>(
        _ body: (
            _ count: Int32, _ values: UnsafePointer<UnsafePointer<CChar>?>?,
            _ lengths: UnsafePointer<Int32>?, _ formats: UnsafePointer<Int32>?
        ) -> Result
    ) -> Result {
        let lengths = fields.map { Int32(truncatingIfNeeded: $0.bytes?.count ?? 0) }
        let formats = [Int32](repeating: 1, count: fields.count)
        return writer.bytes.withUnsafeBytes { bytes in
            // A value of no bytes still needs an address: a null pointer would mean NULL.
            withUnsafeBytes(of: UInt8(0)) { empty in
                let values = fields.map { field -> UnsafePointer<CChar>? in
                    guard let place = field.bytes else { return nil }
                    let start =
                        place.isEmpty
                        ? empty.baseAddress : bytes.baseAddress?.advanced(by: place.lowerBound)
                    return start?.assumingMemoryBound(to: CChar.self)
                }
                return body(Int32(truncatingIfNeeded: fields.count), values, lengths, formats)
            }
        }
    }
}
