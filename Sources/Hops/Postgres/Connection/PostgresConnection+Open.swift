public import Logging

extension PostgresConnection {
    /// Opens a connection of its own, for as long as `body` runs.
    /// - Parameters:
    ///   - deadline: for connecting; nil for the configuration's timeouts only.
    ///   - body: gets the connection, which is closed when it returns.
    /// - Throws: a `PostgresError` when it cannot connect; what `body` throws.
    public nonisolated(nonsending) static func withConnection<Result>(
        _ configuration: PostgresConfiguration,
        logger: Logger,
        deadline: ContinuousClock.Instant? = nil,
        _ body: nonisolated(nonsending) (PostgresConnection) async throws -> sending Result
    ) async throws -> sending Result {
        let reactor = try SocketReactor()
        try reactor.start()
        do {
            let connection = try await connect(
                configuration, reactor: reactor, logger: logger, deadline: deadline)
            do {
                let result = try await body(connection)
                await connection.close()
                await reactor.close()
                return result
            } catch {
                await connection.close()
                throw error
            }
        } catch {
            await reactor.close()
            throw error
        }
    }
}
