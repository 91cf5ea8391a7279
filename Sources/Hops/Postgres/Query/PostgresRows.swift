internal import CLibPQ

/// The rows a statement returned.
public struct PostgresRows: RandomAccessCollection, Sendable {
    let result: ResultHandle

    public var startIndex: Int { 0 }
    public var endIndex: Int { result.rowCount }

    public subscript(position: Int) -> PostgresRow {
        precondition(indices.contains(position), "row \(position) of \(count)")
        return PostgresRow(result: result, index: position)
    }

    /// What the server says it did, as in `INSERT 0 1`.
    var commandTag: String { PQcmdStatus(result.pointer).map { String(cString: $0) } ?? "" }
}

/// One row of a result.
public struct PostgresRow: Sendable {
    let result: ResultHandle
    let index: Int

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

/// Owns a `PGresult`.
///
/// Unchecked: the pointer is not changed after `init`, libpq reads a result that nobody modifies
/// without side effects from any thread, and only `deinit` frees it.
final class ResultHandle: @unchecked Sendable {
    let pointer: OpaquePointer
    let rowCount: Int
    let columnCount: Int

    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
        rowCount = Int(PQntuples(pointer))
        columnCount = Int(PQnfields(pointer))
    }

    deinit {
        PQclear(pointer)
    }

    var status: ExecStatusType { PQresultStatus(pointer) }

    func columnName(_ column: Int) -> String {
        PQfname(pointer, Int32(column)).map { String(cString: $0) } ?? ""
    }

    func value(row: Int, column: Int) -> PostgresValue {
        let (row, column) = (Int32(row), Int32(column))
        let type = PostgresType(rawValue: PQftype(pointer, column))
        guard PQgetisnull(pointer, row, column) == 0, let start = PQgetvalue(pointer, row, column)
        else { return PostgresValue(type: type, bytes: nil) }
        let count = Int(PQgetlength(pointer, row, column))
        return PostgresValue(type: type, bytes: UnsafeRawBufferPointer(start: start, count: count))
    }
}
