internal import CLibPQ
internal import Foundation

extension Session {
    /// Sends a request and takes in all of its answers. The caller's cancellation and deadline cancel it,
    /// unless it may be committing: see ``interrupt(because:)``.
    ///
    /// - Parameter isShielded: Whether the caller's cancellation is ignored.
    func exchange(
        _ request: Request, deadline: ContinuousClock.Instant?, isShielded: Bool = false
    ) throws(PostgresError) -> [PostgresRows] {
        if let reason = mailbox.closeReason { throw reason.beforeSending }
        let mayCommit = request.mayCommit(inTransaction: isInTransaction)
        operation = Operation(deadline: deadline, mayCommit: mayCommit, isShielded: isShielded)
        if isCallerGone { throw PostgresError(.cancelled, isSafeToRetry: true) }
        if let deadline, deadline <= .now {
            throw PostgresError(.deadlineExceeded, isSafeToRetry: true)
        }
        handle.notices.localCommit = nil
        let outcome = Result { () throws(PostgresError) in try answers(to: request) }
        guard mayCommit, let warning = handle.notices.localCommit else { return try outcome.get() }
        throw PostgresError(
            .commitOutcomeUnknown, detail: "committed here, maybe not on the standby",
            diagnostics: warning, isSafeToRetry: false)
    }

    private func answers(to request: Request) throws(PostgresError) -> [PostgresRows] {
        var collector = AnswerCollector()
        do throws(PostgresError) {
            if case .script(let sql) = request {
                try runScript(sql, into: &collector)
            } else {
                collector.steps = try send(request)
                try flush()
                try collect(into: &collector)
            }
            try finishCancelling()
        } catch {
            // What the server said last is more telling than that it then hung up.
            let error = collector.fatal ?? error
            mailbox.close(because: error)
            throw error
        }
        guard let error = collector.error else { return collector.rows }
        let interpreted = interpret(error)
        if !collector.mayHaveCommitted { throw interpreted }
        throw interpreted.with(code: interpreted.code, isSafeToRetry: false)
    }

    private func runScript(
        _ sql: String, into collector: inout AnswerCollector
    ) throws(PostgresError) {
        guard PQexitPipelineMode(pointer) == 1, PQsendQuery(pointer, sql) == 1
        else { throw lostError() }
        try flush()
        try collect(into: &collector)
        PQenterPipelineMode(pointer)
    }

    /// An error of the server that our own cancel request caused is the caller's.
    private func interpret(_ error: PostgresError) -> PostgresError {
        guard let interruption = operation.interruption, error.sqlState == "57014" else {
            return error
        }
        return error.with(code: interruption, isSafeToRetry: true)
    }

    // MARK: Sending

    private func flush() throws(PostgresError) {
        while true {
            switch PQflush(pointer) {
            case 0: return
            case 1:
                // The server may be unable to read on before we have read its answers.
                try waitForSocket(POLLIN | POLLOUT)
                try consumeInput()
            default: throw lostError()
            }
        }
    }

    // MARK: Receiving

    private func collect(into collector: inout AnswerCollector) throws(PostgresError) {
        while true {
            guard PQisBusy(pointer) == 0 else {
                try waitForSocket(POLLIN)
                try consumeInput()
                continue
            }
            guard let result = PQgetResult(pointer) else {
                if collector.steps.isEmpty { return }
                collector.finishStep()
                continue
            }
            let isEnd = try take(ResultHandle(result), into: &collector)
            if isEnd { return }
        }
    }

    /// - Returns: true when the pipeline has been answered to its end.
    private func take(
        _ result: ResultHandle, into collector: inout AnswerCollector
    ) throws(PostgresError) -> Bool {
        switch result.status {
        case PGRES_PIPELINE_SYNC: return true
        case PGRES_PIPELINE_ABORTED: break
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
            collector.succeed(result, statements: &statements)
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            throw PostgresError(.unsupported, detail: "COPY")
        default:
            let diagnostics = PostgresDiagnostics(result: result.pointer)
            if diagnostics.sqlState.isEmpty || PQstatus(pointer) == CONNECTION_BAD
                || ["FATAL", "PANIC"].contains(diagnostics.severity)
            {
                let known = diagnostics.sqlState.isEmpty ? nil : diagnostics
                collector.fatal = lostError(diagnostics: known)
                throw lostError(diagnostics: known)
            }
            collector.fail(diagnostics, statements: &statements)
        }
        return false
    }

    private func consumeInput() throws(PostgresError) {
        if PQconsumeInput(pointer) == 1 { return }
        // The server's reason may have arrived before the end did.
        while PQisBusy(pointer) == 0, let result = PQgetResult(pointer).map(ResultHandle.init) {
            let diagnostics = PostgresDiagnostics(result: result.pointer)
            if ["FATAL", "PANIC"].contains(diagnostics.severity), !diagnostics.sqlState.isEmpty {
                throw lostError(diagnostics: diagnostics)
            }
            if result.status == PGRES_FATAL_ERROR || result.status == PGRES_PIPELINE_SYNC { break }
        }
        throw lostError()
    }
}

extension PostgresError {
    /// The same reason for a request that was never sent.
    var beforeSending: PostgresError { with(code: code, isSafeToRetry: true) }
}
