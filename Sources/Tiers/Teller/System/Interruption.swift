import Chain
import NIOPosix
import Synchronization
import UnixSignals

/// Ctrl-C, and SIGTERM, as something to look for and as a cancellation.
final class Interruption: Sendable {
    private struct State {
        var hasCome = false
        /// Told of the signal; that of the only operation at work.
        var listener: AsyncStream<Void>.Continuation?
    }

    private let state = Mutex(State())

    /// Whether there was a signal.
    var hasCome: Bool { state.withLock { $0.hasCome } }

    /// Runs a body to its end: meanwhile a signal ends no more than what the body lets it. A second
    /// one ends the process, as a body may wait for a reader of its output: the journal has what was
    /// sent before it is sent, so that is as safe as a kill.
    static func trapping<Value: Sendable, Failure: Error>(
        _ body: (Interruption) async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let interruption = Interruption()
        // A body that waits for a reader may hold the only thread of a machine of one core.
        let loop = EventLoopTaskExecutor(MultiThreadedEventLoopGroup.singleton.any())
        let result = await withTaskGroup(of: Void.self) { group -> Result<Value, Failure> in
            group.addTask(executorPreference: loop) {
                for await signal in signals {
                    if interruption.hasCome { signal.endProcess() }
                    interruption.come()
                }
            }
            defer { group.cancelAll() }
            do throws(Failure) {
                return .success(try await body(interruption))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Runs an operation that is cancelled by a signal, from its start on by one that has come
    /// already. One at a time.
    ///
    /// - Returns: what the operation itself returns, cancelled or not.
    func cancelling<Value: Sendable>(
        _ operation: @escaping @Sendable () async -> Value
    ) async -> Value {
        let (signals, listener) = AsyncStream.makeStream(of: Void.self)
        let hasCome = state.withLock { state in
            state.listener = listener
            return state.hasCome
        }
        defer { state.withLock { $0.listener = nil } }
        return await withTaskGroup(of: Event<Value>.self) { group in
            if hasCome { group.cancelAll() }
            group.addTask { .done(await operation()) }
            group.addTask {
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

    /// The same for an operation that fails when it is cancelled.
    func cancelling<Value: Sendable, Failure: Error>(
        throwing operation: @escaping @Sendable () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        try await cancelling { () async -> Result<Value, Failure> in
            do throws(Failure) {
                return .success(try await operation())
            } catch {
                return .failure(error)
            }
        }.get()
    }

    private func come() {
        let listener = state.withLock { state in
            state.hasCome = true
            return state.listener
        }
        listener?.yield()
    }
}

extension Interruption {
    enum Event<Value: Sendable>: Sendable {
        case done(Value)
        case interrupted
    }
}
