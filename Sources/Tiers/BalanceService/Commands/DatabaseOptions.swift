import ArgumentParser
import Chain
import Postgres

/// How to reach PostgreSQL, for the commands that do.
struct DatabaseOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "PostgreSQL, as a libpq URI or key=value pairs; else DATABASE_URL.",
            discussion: "A password is better kept in DATABASE_URL: other users can read flags.",
            valueName: "url"))
    var database: String?

    @Option(
        help: ArgumentHelp(
            "The role to take on after logging in; else DATABASE_ROLE.", valueName: "role"))
    var databaseRole: String?

    /// An invalid connection string is found by the pool.
    func configuration() -> PostgresConfiguration {
        let url = Self.nonEmpty(database ?? Environment.value("DATABASE_URL"))
        let role = Self.nonEmpty(databaseRole ?? Environment.value("DATABASE_ROLE"))
        return PostgresConfiguration(
            connectionString: url ?? "postgresql:///teller", role: role,
            applicationName: "balance-service")
    }

    private static func nonEmpty(_ text: String?) -> String? {
        text.flatMap { $0.isEmpty ? nil : $0 }
    }
}
