/// Matches the answers of a round trip with what was sent.
struct AnswerCollector {
    enum Step {
        case deallocate(String)
        case prepare(String, types: [UInt32], name: String, index: Int?)
        case execute(String, index: Int?)
    }

    /// What was sent, in order; empty for a script, whose statements nobody counted.
    var steps: [Step] = []
    private var current = 0
    private(set) var rows: [PostgresRows] = []
    /// The first failure; those behind it were skipped.
    private(set) var error: PostgresError?
    /// Why the server ended the connection.
    var fatal: PostgresError?

    /// Whether something was committed before the failure, as far as the answers tell. A script's
    /// answers do not: a statement that failed may have committed itself.
    var mayHaveCommitted: Bool {
        steps.isEmpty || rows.contains { Self.committingTags.contains($0.commandTag) }
    }

    /// Procedures and blocks may commit in the middle.
    private static let committingTags: Set<String> = [
        "COMMIT", "COMMIT PREPARED", "PREPARE TRANSACTION", "CALL", "DO",
    ]

    private var step: Step? {
        steps.indices.contains(current) ? steps[current] : nil
    }

    mutating func finishStep() {
        current += 1
    }

    mutating func succeed(_ result: ResultHandle, statements: inout StatementCache) {
        switch step {
        case .deallocate(let name): statements.deallocated(name)
        case .prepare(let text, let types, let name, _):
            statements.insert(text, types: types, name: name)
        case .execute, nil: rows.append(PostgresRows(result: result))
        }
    }

    mutating func fail(_ diagnostics: PostgresDiagnostics, statements: inout StatementCache) {
        var index: Int?
        switch step {
        case .deallocate, nil: break
        case .prepare(_, _, _, let itsIndex): index = itsIndex
        case .execute(let text, let itsIndex):
            index = itsIndex
            // "cached plan must not change result type": the next use prepares it anew.
            if diagnostics.sqlState == "0A000" { statements.invalidate(text) }
        }
        if diagnostics.sqlState == "26000" { statements.removeAll() }
        error = error ?? PostgresError(.server, diagnostics: diagnostics, pipelineIndex: index)
    }
}
