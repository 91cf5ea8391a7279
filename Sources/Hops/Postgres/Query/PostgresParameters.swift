/// The bound values of a statement, in one buffer.
@usableFromInline
struct PostgresParameters: Sendable {
    @usableFromInline
    struct Field: Sendable {
        let type: PostgresType
        /// Where the value starts; nil for NULL.
        let offset: Int?
        let length: Int

        @usableFromInline
        init(type: PostgresType, offset: Int?, length: Int) {
            self.type = type
            self.offset = offset
            self.length = length
        }
    }

    @usableFromInline var fields: [Field] = []
    @usableFromInline var writer = PostgresWriter()

    @usableFromInline var count: Int { fields.count }

    @inlinable
    mutating func append<Value: PostgresEncodable>(_ value: Value) {
        let offset = writer.bytes.count
        if value.isPostgresNull {
            fields.append(Field(type: Value.postgresType, offset: nil, length: 0))
        } else {
            value.encode(into: &writer)
            let length = writer.bytes.count - offset
            fields.append(Field(type: Value.postgresType, offset: offset, length: length))
        }
    }

    var types: [UInt32] { fields.map(\.type.rawValue) }

    /// Calls `body` with the arrays that libpq's send functions take.
    func withLibPQArrays<Result>(
        _ body: (
            _ count: Int32, _ values: UnsafePointer<UnsafePointer<CChar>?>?,
            _ lengths: UnsafePointer<Int32>?, _ formats: UnsafePointer<Int32>?
        ) -> Result
    ) -> Result {
        guard !fields.isEmpty else { return body(0, nil, nil, nil) }
        let lengths = fields.map { Int32(truncatingIfNeeded: $0.length) }
        let formats = [Int32](repeating: 1, count: fields.count)
        return writer.bytes.withUnsafeBytes { bytes in
            // A value of no bytes still needs an address: a null pointer would mean NULL.
            withUnsafeBytes(of: UInt8(0)) { empty in
                let values = fields.map { field -> UnsafePointer<CChar>? in
                    guard let offset = field.offset else { return nil }
                    let base =
                        field.length == 0
                        ? empty.baseAddress : bytes.baseAddress?.advanced(by: offset)
                    return base?.assumingMemoryBound(to: CChar.self)
                }
                return body(Int32(truncatingIfNeeded: fields.count), values, lengths, formats)
            }
        }
    }
}
