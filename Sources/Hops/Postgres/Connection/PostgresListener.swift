internal import Chain
public import Logging

/// Hears that something was said on a channel (PostgreSQL manual, "NOTIFY"), by a connection of its own.
public struct PostgresListener: Sendable {
    private let configuration: PostgresConfiguration
    private let channel: StaticString
    private let logger: Logger

    /// - Parameter channel: Its name, as SQL has it.
    public init(configuration: PostgresConfiguration, channel: StaticString, logger: Logger) {
        self.configuration = configuration
        self.channel = channel
        self.logger = logger
    }

    /// Listens until its task is cancelled, and connects again when the connection ends.
    ///
    /// - Parameter heard: Once for what was said at about the same time, and each time that it begins to
    ///   listen, since what was said before is lost. It must be brief and never block.
    public func run(_ heard: @escaping @Sendable () -> Void) async {
        var backoff = Backoff()
        while !Task.isCancelled {
            do {
                let life = try await listen(heard)
                let pause = backoff.next(afterLiving: life)
                if pause > .zero { try? await Task.sleep(for: pause) }
            } catch {
                logger.debug("not listening", metadata: ["cause": "\(String(reflecting: error))"])
                try? await Task.sleep(for: backoff.next())
            }
        }
    }

    /// - Returns: For how long it listened.
    private func listen(_ heard: @escaping @Sendable () -> Void) async throws -> Duration {
        try await PostgresConnection.withConnection(configuration, logger: logger) { connection in
            try await connection.call { $0.onNotification = heard }
            _ = try await connection.query("LISTEN \(raw: channel)", deadline: .now + .seconds(5))
            let began = ContinuousClock.now
            heard()
            await withTaskCancellationHandler {
                _ = await connection.ended()
            } onCancel: {
                connection.closeSoon()
            }
            return .now - began
        }
    }
}
