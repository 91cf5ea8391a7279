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

    /// The columns' names, in order.
    public var columnNames: [String] {
        (0..<result.columnCount).map { result.columnName($0) }
    }

    /// What the server says it did, as in `INSERT 0 1`.
    public var commandTag: String { result.commandTag }

    /// How many rows the statement returned or changed; 0 for a statement of another kind.
    public var rowsAffected: Int { result.rowsAffected }
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

    var commandTag: String {
        PQcmdStatus(pointer).map { String(cString: $0) } ?? ""
    }

    var rowsAffected: Int {
        PQcmdTuples(pointer).flatMap { Int(String(cString: $0)) } ?? 0
    }

    func columnName(_ column: Int) -> String {
        PQfname(pointer, Int32(column)).map { String(cString: $0) } ?? ""
    }

    /// The first column of that name, compared as it is (`PQfnumber` would fold its case).
    func column(named name: String) -> Int? {
        (0..<columnCount).first { columnName($0) == name }
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
