import UnixSignals

extension Interruption {
    /// Runs an operation that is cancelled by a signal, and waits for its end.
    ///
    /// - Parameter advice: what the person should know who interrupted it, asked once it has ended.
    /// - Throws: ``ExitStatus/interrupted``; what a local bank's failure means.
    static func cancelling<Value: Sendable>(
        advice: @Sendable () async -> String,
        _ operation: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        return try await withThrowingTaskGroup(of: Event<Value>.self) { group in
            group.addTask { .done(try await LocalBankFailure.translating(operation)) }
            group.addTask {
                for await _ in signals { return .interrupted }
                throw CancellationError()
            }
            let first = try await group.next()
            group.cancelAll()
            if case .done(let value) = first { return value }
            // What it had started is stopped once it has ended, however it ends.
            while (try? await group.next()) != nil {}
            throw TellerError(.interrupted, "interrupted", advice: await advice())
        }
    }
}
