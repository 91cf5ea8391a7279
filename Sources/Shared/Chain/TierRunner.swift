public import Logging
public import NIOCore
public import ServiceLifecycle
import UnixSignals

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Runs a tier's services until a signal, and drains them.
///
/// SIGTERM or SIGINT shuts the services down gracefully, the last one first. A second signal, or a
/// drain that takes longer than its bound, ends the process at once with status 1.
public struct TierRunner: Sendable {
    /// The most that draining may take.
    public var drainBound: Duration
    private let logger: Logger

    public init(drainBound: Duration = .seconds(10), logger: Logger) {
        self.drainBound = drainBound
        self.logger = logger
    }

    /// Returns when all services have ended.
    ///
    /// - Parameters:
    ///   - services: The tier's services; not yet running.
    ///   - eventLoop: Where the services' tasks shall run, when the tier has one loop for all;
    ///     `nil`: on Swift's cooperative threads.
    /// - Throws: What a service threw, such as the error of binding to a port in use.
    public func run(_ services: ServiceGroup, on eventLoop: (any EventLoop)? = nil) async throws {
        // A log's reader that went away is no reason to die.
        signal(SIGPIPE, SIG_IGN)
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let executor = eventLoop.map { EventLoopTaskExecutor($0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            // Not on the event loop: a second signal must end a tier whose loop is stuck.
            group.addTask(executorPreference: globalConcurrentExecutor) {
                await drain(services, at: signals)
            }
            try await withTaskExecutorPreference(executor) { try await services.run() }
            group.cancelAll()
        }
    }

    private func drain(_ services: ServiceGroup, at signals: UnixSignalsSequence) async {
        var signals = signals.makeAsyncIterator()
        guard let first = await signals.next() else { return }
        logger.notice("draining", metadata: ["signal": "\(first)"])
        await services.triggerGracefulShutdown()
        async let bound: Void = endAfterBound()
        if let second = await signals.next() { end(because: "second signal, \(second)") }
        await bound
    }

    private func endAfterBound() async {
        // Throws when the services have ended in time.
        guard (try? await Task.sleep(for: drainBound)) != nil else { return }
        end(because: "draining took longer than \(drainBound)")
    }

    private func end(because reason: String) -> Never {
        logger.warning("ended with work in flight", metadata: ["reason": "\(reason)"])
        ServerLog.flush()
        // Not exit(3): what it takes down, such as OpenSSL, is in use by threads that still run.
        _exit(EXIT_FAILURE)
    }
}
