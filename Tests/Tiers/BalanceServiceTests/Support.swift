import Foundation
import Ledger
import Postgres
import TestSupport

@testable import BalanceService

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
@discardableResult func migrate(_ url: String, _ migrations: [Migration] = Migration.all)
    async throws -> [String]
{
    try await withConnection(url) { connection in
        try await Migrator(migrations: migrations, logger: .silent).migrate(
            connection, deadline: .now + .seconds(30))
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

/// The compact number of one of the demo bank's accounts.
func account(_ number: Int64, bank: String = "DEMO") throws -> String {
    try AccountNumber(bank: bank, number: number).compact
}
