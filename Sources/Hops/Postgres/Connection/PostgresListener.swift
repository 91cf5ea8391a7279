internal import Chain
public import Logging

/// Hears that something was said on a channel (PostgreSQL manual, "NOTIFY"), by a connection of its own.
public struct PostgresListener: Sendable {
    private let configuration: PostgresConfiguration
    private let listen: PostgresQuery
    private let patience: Duration
    private let logger: Logger

    /// - Parameters:
    ///   - channel: Its name, as SQL has it.
    ///   - patience: How long after it has last answered a server is asked whether it is still there, and how
    ///     long it may take to say so.
    public init(
        configuration: PostgresConfiguration, channel: StaticString,
        patience: Duration = .seconds(5), logger: Logger
    ) {
        self.configuration = configuration
        listen = "LISTEN \(raw: channel)"
        self.patience = patience
        self.logger = logger
    }

    /// Listens until its task is cancelled, and connects again when the connection ends.
    ///
    /// - Parameter heard: Once for what was said at about the same time, with the payloads; and with nil each
    ///   time that it begins to listen, since what was said before is lost. It must be brief and never block.
    public func run(_ heard: @escaping @Sendable ([String]?) -> Void) async {
        var backoff = Backoff()
        while !Task.isCancelled {
            let began = ContinuousClock.now
            do {
                try await PostgresConnection.withConnection(configuration, logger: logger) {
                    try await listen(by: $0, heard)
                }
            } catch {
                logger.debug("not listening", metadata: ["cause": "\(String(reflecting: error))"])
            }
            let pause = backoff.next(afterLiving: .now - began)
            if pause > .zero { try? await Task.sleep(for: pause) }
        }
    }

    private func listen(
        by connection: PostgresConnection, _ heard: @escaping @Sendable ([String]?) -> Void
    ) async throws {
        try await connection.call { $0.onNotification = heard }
        _ = try await connection.query(listen, deadline: .now + patience)
        heard(nil)
        async let _: Void = closeWhenSilent(connection)
        await connection.ended()
    }

    /// Also when the task is cancelled.
    private func closeWhenSilent(_ connection: PostgresConnection) async {
        while (try? await Task.sleep(for: patience)) != nil,
            (try? await connection.query(listen, deadline: .now + patience)) != nil
        {}
        connection.closeSoon()
    }
}
