import Foundation
import Ledger
import Logging
import Postgres
import Synchronization
import TestSupport

@testable import BalanceService

extension Logger {
    /// Tests fail by what a caller sees, not by what is logged.
    static let silent = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
}

/// Tells the tasks of a test to come to their end.
final class Flag: Sendable {
    private let value = Atomic(false)

    var isRaised: Bool { value.load(ordering: .acquiring) }

    func raise() {
        value.store(true, ordering: .releasing)
    }
}

/// A connection of its own.
func withConnection<Result>(
    _ url: String,
    _ body: nonisolated(nonsending) (PostgresConnection) async throws -> sending Result
) async throws -> sending Result {
    try await PostgresConnection.withConnection(
        PostgresConfiguration(connectionString: url, applicationName: "tests"), logger: .silent,
        body)
}

/// Applies migrations as `balance-service migrate` does.
@discardableResult
func migrate(_ url: String, _ migrations: [Migration] = Migration.all) async throws -> [String] {
    try await withConnection(url) { connection in
        try await Migrator(migrations: migrations, logger: .silent)
            .migrate(connection, deadline: .now + .seconds(30))
    }
}

/// Loads the demo data, as `balance-service migrate --demo` does.
func loadDemo(_ url: String) async throws {
    try await withConnection(url) { connection in
        try await connection.withTransaction(deadline: .now + .seconds(30)) { connection in
            try await connection.executeScript(Migration.demo.sql)
        }
    }
}

/// A database with the schema and the demo data, as long as `body` runs.
func withBank<Result>(_ body: (_ url: String) async throws -> Result) async throws -> Result {
    try await TestPostgres.withFreshDatabase("bank") { url in
        try await migrate(url)
        try await loadDemo(url)
        return try await body(url)
    }
}

/// Waits for a condition, looking again and again.
func eventually(
    within bound: Duration = .seconds(20), _ condition: () async throws -> Bool
) async throws -> Bool {
    let end = ContinuousClock.now + bound
    repeat {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(10))
    } while ContinuousClock.now < end
    return false
}

/// The compact number of one of the demo bank's accounts.
func account(_ number: Int64, bank: String = "DEMO") throws -> String {
    try AccountNumber(bank: bank, number: number).compact
}
