import Logging
import TestSupport

@testable import Postgres

extension Logger {
    /// Tests fail by what is thrown, not by what is logged.
    static let silent = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
}

func configuration() async throws -> PostgresConfiguration {
    PostgresConfiguration(connectionString: try await TestPostgres.url, applicationName: "tests")
}

/// A connection of its own to the shared server.
func withConnection<Result>(
    _ change: (inout PostgresConfiguration) -> Void = { _ in },
    _ body: nonisolated(nonsending) (PostgresConnection) async throws -> sending Result
) async throws -> sending Result {
    var configuration = try await configuration()
    change(&configuration)
    return try await PostgresConnection.withConnection(configuration, logger: .silent, body)
}

/// A pool that runs as long as `body`.
func withPool<Result: Sendable>(
    _ configuration: PostgresConfiguration? = nil, size: Int = 2, maximumWaiters: Int = 100,
    longestWait: Duration = .seconds(60), _ body: (PostgresPool) async throws -> Result
) async throws -> Result {
    let used: PostgresConfiguration
    if let configuration { used = configuration } else { used = try await sharedConfiguration() }
    let pool = try PostgresPool(
        configuration: used, size: size, maximumWaiters: maximumWaiters, longestWait: longestWait,
        logger: .silent)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await pool.run() }
        do {
            let result = try await body(pool)
            pool.shutDown()
            try await group.waitForAll()
            return result
        } catch {
            group.cancelAll()
            throw error
        }
    }
}

private func sharedConfiguration() async throws -> PostgresConfiguration {
    try await configuration()
}

extension PostgresTransactionError {
    /// The server did commit, but stopped waiting for its standby.
    var isCommittedLocally: Bool {
        isOutcomeUnknown && postgresError?.diagnostics?.isCommitLocalOnly == true
    }
}

func seconds(_ seconds: Double) -> ContinuousClock.Instant {
    .now + .seconds(seconds)
}

/// The error that `body` throws, as the type asked for.
func failure<Failure: Error>(
    _: Failure.Type = Failure.self, of body: () async throws -> Void
) async -> Failure? {
    do {
        try await body()
        return nil
    } catch {
        return error as? Failure
    }
}

/// Waits for a condition, looking again and again.
func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
    let end = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < end {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(10))
    }
    return false
}
