internal import CLibPQ

extension Session {
    /// Queues a request for sending.
    /// - Returns: the answers to expect.
    func send(_ request: Request) throws(PostgresError) -> [AnswerCollector.Step] {
        var steps: [AnswerCollector.Step] = []
        try deallocateEvicted(&steps)
        switch request {
        case .prepared(let query): try send(query, index: nil, &steps)
        case .pipeline(let queries): try send(queries, &steps)
        case .opening(let mode, let queries):
            try sendUnprepared("BEGIN ISOLATION LEVEL \(mode.rawValue)", &steps)
            try send(queries, &steps)
        case .committing(let queries):
            try send(queries, &steps)
            try sendUnprepared("COMMIT", &steps)
        case .rollback: try sendUnprepared("ROLLBACK", &steps)
        case .script: break
        }
        try check(PQpipelineSync(pointer))
        return steps
    }

    private func send(
        _ queries: [PostgresQuery], _ steps: inout [AnswerCollector.Step]
    ) throws(PostgresError) {
        for (index, query) in queries.enumerated() { try send(query, index: index, &steps) }
    }

    private func sendUnprepared(
        _ text: String, _ steps: inout [AnswerCollector.Step]
    ) throws(PostgresError) {
        try check(PQsendQueryParams(pointer, text, 0, nil, nil, nil, nil, 1))
        steps.append(.execute(text, index: nil))
    }

    private func send(
        _ query: PostgresQuery, index: Int?, _ steps: inout [AnswerCollector.Step]
    ) throws(PostgresError) {
        let name: String
        let types = query.parameters.types
        if let known = statements.name(for: query.text, types: types) {
            name = known
        } else {
            name = try prepare(query, types: types, index: index, &steps)
        }
        let sent = query.parameters.withLibPQArrays { count, values, lengths, formats in
            PQsendQueryPrepared(pointer, name, count, values, lengths, formats, 1)
        }
        try check(sent)
        steps.append(.execute(query.text, index: index))
    }

    private func prepare(
        _ query: PostgresQuery, types: [UInt32], index: Int?,
        _ steps: inout [AnswerCollector.Step]
    ) throws(PostgresError) -> String {
        // The same statement may come twice in one pipeline.
        for case .prepare(query.text, types, let name, _) in steps { return name }
        let name = statements.makeName()
        try check(PQsendPrepare(pointer, name, query.text, Int32(types.count), types))
        steps.append(.prepare(query.text, types: types, name: name, index: index))
        return name
    }

    private func deallocateEvicted(
        _ steps: inout [AnswerCollector.Step]
    ) throws(PostgresError) {
        // In a failed transaction it would be refused, and a failure would undo the transaction.
        if statements.evicted.isEmpty || isInTransaction { return }
        for name in statements.evicted {
            try check(PQsendQueryParams(pointer, "DEALLOCATE \(name)", 0, nil, nil, nil, nil, 1))
            steps.append(.deallocate(name))
        }
    }

    private func check(_ sent: Int32) throws(PostgresError) {
        if sent != 1 { throw lostError() }
    }
}
