import UnixSignals

/// Ctrl-C, and SIGTERM, as a cancellation.
struct Interruption: Sendable {
    private let signals: UnixSignalsSequence

    /// From now on a signal ends no more than what is to be cancelled by it.
    static func trapping() async -> Interruption {
        Interruption(signals: await UnixSignalsSequence(trapping: .sigint, .sigterm))
    }

    /// Runs an operation that is cancelled by a signal, also by one that has come already.
    ///
    /// - Returns: what the operation itself returns, cancelled or not.
    func cancelling<Value: Sendable>(
        _ operation: @escaping @Sendable () async -> Value
    ) async -> Value {
        await withTaskGroup(of: Event<Value>.self) { group in
            group.addTask { .done(await operation()) }
            group.addTask { [signals] in
                for await _ in signals { break }
                return .interrupted
            }
            while true {
                let event = await group.next()
                group.cancelAll()
                if case .done(let value) = event { return value }
            }
        }
    }
}

extension Interruption {
    private enum Event<Value: Sendable>: Sendable {
        case done(Value)
        case interrupted
    }

    /// Runs an operation that is cancelled by a signal, and waits for its end.
    ///
    /// - Parameter advice: what the person should know who interrupted it.
    /// - Throws: ``ExitStatus/interrupted``; what a local bank's failure means.
    static func cancelling<Value: Sendable>(
        advice: String, _ operation: @escaping @Sendable () async throws -> Value
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
            throw TellerError(.interrupted, "interrupted", advice: advice)
        }
    }
}
