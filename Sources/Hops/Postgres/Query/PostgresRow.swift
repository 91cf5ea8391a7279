/// One row of a result.
public struct PostgresRow: Sendable {
    let result: ResultHandle
    let index: Int

    /// The number of columns.
    public var count: Int { result.columnCount }

    /// Reads a column by its position, from 0.
    public func decode<Value: PostgresDecodable>(
        _: Value.Type = Value.self, at column: Int
    ) throws(PostgresDecodingError) -> Value {
        guard (0..<result.columnCount).contains(column) else {
            throw PostgresDecodingError(
                column: column, name: nil, actual: nil, target: "\(Value.self)",
                reason: .noSuchColumn)
        }
        let value = result.value(row: index, column: column)
        do throws(PostgresDecodingError.Reason) {
            return try Value(value)
        } catch {
            throw PostgresDecodingError(
                column: column, name: result.columnName(column), actual: value.type,
                target: "\(Value.self)", reason: error)
        }
    }

    /// Reads a column by its name; the first of that name.
    public func decode<Value: PostgresDecodable>(
        _: Value.Type = Value.self, named name: String
    ) throws(PostgresDecodingError) -> Value {
        guard let column = result.column(named: name) else {
            throw PostgresDecodingError(
                column: nil, name: name, actual: nil, target: "\(Value.self)",
                reason: .noSuchColumn)
        }
        return try decode(at: column)
    }

    /// Reads the leading columns in order, as in `let (id, name) = try row.decode((Int64, String?).self)`.
    public func decode<each Value: PostgresDecodable>(
        _: (repeat each Value).Type
    ) throws(PostgresDecodingError) -> (repeat each Value) {
        var column = -1
        func next<Next: PostgresDecodable>(
            _: Next.Type
        ) throws(PostgresDecodingError) -> Next {
            column += 1
            return try decode(at: column)
        }
        return (repeat try next((each Value).self))
    }
}
