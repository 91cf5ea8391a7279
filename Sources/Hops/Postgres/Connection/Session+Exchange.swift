internal import CLibPQ

extension PostgresConnection {
    typealias Outcome = Result<[PostgresRows], PostgresError>

    /// Sends a request and takes in all of its answers. The caller's cancellation and deadline cancel it,
    /// unless it may be committing: see ``interrupt(because:)``.
    /// - Parameter isShielded: whether the caller's cancellation is ignored.
    func perform(
        _ request: Request, deadline: ContinuousClock.Instant?, isShielded: Bool = false
    ) async -> Outcome {
        guard let watch, let pointer else {
            return .failure((closeReason ?? PostgresError(.connectionClosed)).beforeSending)
        }
        if isBusy { return .failure(PostgresError(.connectionBusy)) }
        if !isShielded, Task.isCancelled {
            return .failure(PostgresError(.cancelled, isSafeToRetry: true))
        }
        if let deadline, deadline <= .now {
            return .failure(PostgresError(.deadlineExceeded, isSafeToRetry: true))
        }
        markBusy()
        let mayCommit = request.mayCommit(
            inTransaction: PQtransactionStatus(pointer) != PQTRANS_IDLE)
        operation = Operation(number: watch.begin(), deadline: deadline, mayCommit: mayCommit)
        let number = operation.number
        if mayCommit { _ = notices.takeLocalCommit() }
        let outcome = await withTaskCancellationHandler {
            await withTaskExecutorPreference(reactor) { await exchange(request) }
        } onCancel: { [reactor] in
            if isShielded { return }
            reactor.submit { watch.signal(.interrupted, operation: number) }
        }
        isBusy = false
        updateReusable()
        guard mayCommit, let warning = notices.takeLocalCommit() else { return outcome }
        return .failure(
            PostgresError(
                .commitOutcomeUnknown, detail: "committed here, maybe not on the standby",
                diagnostics: warning, isSafeToRetry: false))
    }

    private func exchange(_ request: Request) async -> Outcome {
        var collector = AnswerCollector()
        do throws(PostgresError) {
            if case .script(let sql) = request {
                try await runScript(sql, into: &collector)
            } else {
                collector.steps = try send(request)
                try await flush()
                try await collect(into: &collector)
            }
            try await finishCancelling()
        } catch {
            // What the server said last is more telling than that it then hung up.
            let error = collector.fatal ?? error
            close(because: error)
            return .failure(error)
        }
        guard let error = collector.error else { return .success(collector.rows) }
        let interpreted = interpret(error)
        guard collector.mayHaveCommitted else { return .failure(interpreted) }
        return .failure(interpreted.with(code: interpreted.code, isSafeToRetry: false))
    }

    private func runScript(
        _ sql: String, into collector: inout AnswerCollector
    ) async throws(PostgresError) {
        guard let pointer, PQexitPipelineMode(pointer) == 1, PQsendQuery(pointer, sql) == 1
        else { throw lostError() }
        try await flush()
        try await collect(into: &collector)
        // Skipped when closed in between.
        if let pointer = self.pointer { PQenterPipelineMode(pointer) }
    }

    /// An error of the server that our own cancel request caused is the caller's.
    private func interpret(_ error: PostgresError) -> PostgresError {
        guard let interruption = operation.interruption, error.sqlState == "57014" else {
            return error
        }
        return error.with(code: interruption, isSafeToRetry: true)
    }

    // MARK: Sending

    private func flush() async throws(PostgresError) {
        while let pointer {
            switch PQflush(pointer) {
            case 0: return
            case 1:
                // The server may be unable to read on before we have read its answers.
                try await waitForSocket(System.readable | System.writable)
                try consumeInput()
            default: throw lostError()
            }
        }
        throw closeReason ?? PostgresError(.connectionClosed)
    }

    // MARK: Receiving

    private func collect(into collector: inout AnswerCollector) async throws(PostgresError) {
        while true {
            guard let pointer else { throw closeReason ?? PostgresError(.connectionClosed) }
            guard PQisBusy(pointer) == 0 else {
                try await waitForSocket(System.readable)
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
            let isLost = pointer.map { PQstatus($0) == CONNECTION_BAD } ?? true
            if diagnostics.sqlState.isEmpty || isLost
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
        guard let pointer else { throw closeReason ?? PostgresError(.connectionClosed) }
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
