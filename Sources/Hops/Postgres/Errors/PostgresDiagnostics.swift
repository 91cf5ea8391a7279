internal import CLibPQ

/// What a server says about an error or notice (PostgreSQL manual, `PQresultErrorField`).
///
/// May quote statements and data: for the log of the program that sent the statement, not its callers.
public struct PostgresDiagnostics: Sendable, CustomStringConvertible {
    /// `ERROR`, `FATAL`, `PANIC`, `WARNING`, `NOTICE`, …: never translated.
    public let severity: String
    /// Five characters, as in the manual's appendix "PostgreSQL Error Codes".
    public let sqlState: String
    public let message: String
    /// The function of the server that said it.
    let sourceFunction: String?
    /// All of it, on one line, but for the row or key that a constraint refused.
    public let description: String

    /// The rest, by the letters of postgres_ext.h; positions are in characters from 1.
    private static let others: [(name: String, code: Character)] = [
        ("detail", "D"), ("hint", "H"), ("position", "P"), ("context", "W"),
        ("internal query", "q"), ("schema", "s"), ("table", "t"), ("column", "c"),
        ("data type", "d"), ("constraint", "n"), ("source", "R"),
    ]

    /// A class of SQLSTATE whose details are data: "Failing row contains (…)".
    private static let constraintStates = "23"

    init(result: OpaquePointer) {
        func field(_ code: Character) -> String? {
            code.asciiValue.flatMap { PQresultErrorField(result, Int32($0)) }
                .map { String(cString: $0) }
        }
        severity = field("V") ?? field("S") ?? ""
        sqlState = field("C") ?? ""
        message = field("M") ?? ""
        sourceFunction = field("R")
        let hasRow = sqlState.hasPrefix(Self.constraintStates)
        let rest = Self.others.compactMap { name, code in
            hasRow && name == "detail" ? nil : field(code).map { "; \(name): \($0)" }
        }
        description = "\(severity) \(sqlState): \(message)" + rest.joined()
    }

    /// "The transaction has already committed locally, but might not have been replicated to the
    /// standby": recognised by its origin, as its text is translated.
    var isCommitLocalOnly: Bool { sourceFunction == "SyncRepWaitForLSN" }
}
