import ArgumentParser
import Chain
import Postgres

/// How to reach PostgreSQL, for the commands that do.
struct DatabaseOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "PostgreSQL, as a libpq URI or key=value pairs; else DATABASE_URL.",
            discussion: """
                A password is better kept in DATABASE_URL, or in the file that DATABASE_URL_FILE \
                names: other users can read flags. People and their sessions are reached as the \
                role teller_identity, unless IDENTITY_DATABASE_URL says how that one logs in.
                """,
            valueName: "url"))
    var database: String?

    @Option(
        help: ArgumentHelp(
            "The role to take on after logging in; else DATABASE_ROLE.", valueName: "role"))
    var databaseRole: String?

    /// For people and their sessions: the same database, in the role that alone may read them, unless a
    /// setting says how that one logs in.
    func identityConfiguration(
        _ file: SettingsFile?
    ) throws(SettingError) -> PostgresConfiguration {
        var configuration = try configuration(file)
        if let own = try ServiceSettings.identityDatabase.value(flag: nil, file: file) {
            configuration.connectionString = own
            configuration.role = nil
            return configuration
        }
        return configuration.asIdentity
    }

    /// An invalid connection string is found by the pool.
    func configuration(_ file: SettingsFile?) throws(SettingError) -> PostgresConfiguration {
        PostgresConfiguration(
            connectionString: try ServiceSettings.database.value(flag: database, file: file),
            role: try ServiceSettings.databaseRole.value(flag: databaseRole, file: file),
            applicationName: "balance-service")
    }
}
