internal import CLibPQ

/// What a server says about an error or notice (PostgreSQL manual, `PQresultErrorField`).
///
/// May quote statements and data: for the log of the program that sent the statement, not its callers.
public struct PostgresDiagnostics: Sendable, Equatable {
    /// `ERROR`, `FATAL`, `PANIC`, `WARNING`, `NOTICE`, …: never translated.
    public let severity: String
    /// Five characters, as in the manual's appendix "PostgreSQL Error Codes".
    public let sqlState: String
    public let message: String
    public let detail: String?
    public let hint: String?
    /// Where in the statement, in characters from 1.
    public let statementPosition: Int?
    /// Where in `internalQuery`.
    public let internalPosition: Int?
    public let internalQuery: String?
    public let context: String?
    public let schemaName: String?
    public let tableName: String?
    public let columnName: String?
    public let dataTypeName: String?
    public let constraintName: String?
    public let sourceFile: String?
    public let sourceLine: Int?
    public let sourceFunction: String?

    init(result: OpaquePointer) {
        // The field codes are letters in postgres_ext.h: PG_DIAG_SQLSTATE is 'C' and so on.
        func field(_ code: Character) -> String? {
            code.asciiValue.flatMap { PQresultErrorField(result, Int32($0)) }
                .map { String(cString: $0) }
        }
        severity = field("V") ?? field("S") ?? ""
        sqlState = field("C") ?? ""
        message = field("M") ?? ""
        detail = field("D")
        hint = field("H")
        statementPosition = field("P").flatMap { Int($0) }
        internalPosition = field("p").flatMap { Int($0) }
        internalQuery = field("q")
        context = field("W")
        schemaName = field("s")
        tableName = field("t")
        columnName = field("c")
        dataTypeName = field("d")
        constraintName = field("n")
        sourceFile = field("F")
        sourceLine = field("L").flatMap { Int($0) }
        sourceFunction = field("R")
    }
}

extension PostgresDiagnostics: CustomStringConvertible {
    public var description: String {
        let fields: [(String, String?)] = [
            ("detail", detail), ("hint", hint), ("position", statementPosition.map { "\($0)" }),
            ("context", context), ("internal query", internalQuery), ("schema", schemaName),
            ("table", tableName), ("column", columnName), ("data type", dataTypeName),
            ("constraint", constraintName), ("source", sourceFunction),
        ]
        let known = fields.compactMap { name, value in value.map { "; \(name): \($0)" } }
        return "\(severity) \(sqlState): \(message)" + known.joined()
    }
}

/// A notice or warning that a server sent beside its results.
public struct PostgresNotice: Sendable {
    public let diagnostics: PostgresDiagnostics
}
