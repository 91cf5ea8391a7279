internal import Foundation

/// The PostgreSQL that all tests of this process share: the one of TEST_DATABASE_URL, else a private one
/// that is started on first use and ends with the process.
public enum TestPostgres {
    private static let server = Task { try await PostgresServer.start() }

    /// A connection string for its maintenance database. The user may create databases and roles.
    public static var url: String {
        get async throws {
            if let given = ProcessInfo.processInfo.environment["TEST_DATABASE_URL"], !given.isEmpty
            {
                return given
            }
            return try await server.value.url()
        }
    }

    /// Creates a database whose name starts with `name`.
    /// - Returns: its connection string.
    public static func freshDatabase(_ name: String) async throws -> String {
        let suffix = UUID().uuidString.prefix(8).lowercased()
        let database = "\(name)_\(suffix)"
        let url = try await url
        try await psql(url, "CREATE DATABASE \"\(database)\"")
        return try replacingDatabase(in: url, by: database)
    }

    /// Creates a database for as long as `body` runs.
    public static func withFreshDatabase<Result>(
        _ name: String, _ body: (_ url: String) async throws -> Result
    ) async throws -> Result {
        let url = try await freshDatabase(name)
        let result: Result
        do {
            result = try await body(url)
        } catch {
            try? await drop(url)
            throw error
        }
        try await drop(url)
        return result
    }

    /// Runs statements by psql, which knows nothing of the code under test.
    /// - Returns: the rows, unaligned and without headings.
    @discardableResult
    public static func psql(_ url: String, _ sql: String) async throws -> String {
        try await runCommand(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql])
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func drop(_ url: String) async throws {
        let database = url.prefix { $0 != "?" }.split(separator: "/").last ?? ""
        try await psql(await self.url, "DROP DATABASE \"\(database)\" WITH (FORCE)")
    }

    private static func replacingDatabase(in url: String, by database: String) throws -> String {
        guard let scheme = url.range(of: "://") else { throw TestPostgresError.notAURI }
        let rest = url[scheme.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let query = rest.firstIndex(of: "?").map { rest[$0...] } ?? ""
        return "\(url[..<scheme.upperBound])\(authority)/\(database)\(query)"
    }
}
