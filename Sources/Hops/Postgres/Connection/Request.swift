/// What is sent in one round trip. BEGIN, COMMIT and ROLLBACK go without being prepared: they must work
/// when nothing else does.
enum Request: Sendable {
    case prepared(PostgresQuery)
    case pipeline([PostgresQuery])
    /// A pipeline with BEGIN in front of it.
    case opening(PostgresTransactionMode, [PostgresQuery])
    /// A pipeline with COMMIT behind it.
    case committing([PostgresQuery])
    case rollback
    case script(String)

    /// Whether the server may be committing while it works on this.
    ///
    /// - Parameter inTransaction: Whether a transaction is open already: then only COMMIT ends it.
    func mayCommit(inTransaction: Bool) -> Bool {
        switch self {
        case .opening, .rollback: false
        case .committing: true
        case .prepared(let query): inTransaction ? query.isCommit : !query.isRead
        case .pipeline(let queries):
            inTransaction
                ? queries.contains(where: \.isCommit) : !queries.allSatisfy(\.isRead)
        case .script: !inTransaction
        }
    }
}

extension PostgresQuery {
    fileprivate var isCommit: Bool { text == "COMMIT" }

    /// Whether it writes nothing, as far as its first words tell. What they do not tell, such as a function
    /// that writes, belongs in a transaction.
    fileprivate var isRead: Bool {
        if text.hasPrefix("SELECT") || text.hasPrefix("SHOW") { return true }
        return text.hasPrefix("WITH")
            && !["INSERT", "UPDATE", "DELETE", "MERGE"].contains { text.contains($0) }
    }
}
