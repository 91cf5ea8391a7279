import ArgumentParser
import Chain
import Logging
import Postgres

/// `balance-service migrate`: brings the database to this program's schema.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Bring the database to this program's schema, as a role that may create roles.",
        discussion: """
            Safe to repeat and to run twice at once. With TELLER_APP_PASSWORD, or a file that \
            TELLER_APP_PASSWORD_FILE names, the role teller_app may log in with that password \
            afterwards.
            """)

    @OptionGroup var settings: SettingsOption

    @OptionGroup var database: DatabaseOptions

    @Flag(help: "Also load a few customers with accounts to try things on.")
    var demo = false

    @Option(help: "The longest that it may take, in seconds.")
    var timeout = 60

    func run() async throws {
        try await reportingFailure {
            let file = try settings.file()
            ServerLog.bootstrap(
                level: try ServiceSettings.logLevel(.error).value(flag: nil, file: file))
            let configuration = try database.configuration(file)
            let password = try ServiceSettings.appPassword.value(flag: nil, file: file)
            let deadline = ContinuousClock.now.advanced(by: .seconds(timeout))
            let logger = Logger(label: "balance-service")
            let applied = try await PostgresConnection.withConnection(
                configuration, logger: logger, deadline: deadline
            ) { connection in
                try await migrate(connection, appPassword: password, deadline: deadline, logger)
            }
            print(
                applied.isEmpty ? "nothing to apply" : "applied \(applied.joined(separator: ", "))")
        }
    }

    private func migrate(
        _ connection: PostgresConnection, appPassword: String?, deadline: ContinuousClock.Instant,
        _ logger: Logger
    ) async throws -> [String] {
        let migrator = Migrator(migrations: Migration.all, logger: logger)
        let applied = try await migrator.migrate(connection, deadline: deadline)
        if let appPassword {
            try await setAppPassword(appPassword, on: connection, deadline: deadline)
        }
        if demo {
            try await Migrator.alone(connection, deadline: deadline) { connection in
                try await connection.executeScript(Migration.demo.sql, deadline: deadline)
            }
        }
        return applied + (demo ? [Migration.demo.name] : [])
    }

    /// ALTER ROLE takes no parameters: the password goes there by way of a setting that lives as
    /// long as the transaction, and is quoted by the server. An error is raised anew, because its
    /// context would hold the statement with the password.
    private func setAppPassword(
        _ password: String, on connection: PostgresConnection, deadline: ContinuousClock.Instant
    ) async throws {
        try await Migrator.alone(connection, deadline: deadline) { connection in
            _ = try await connection.query(
                "SELECT set_config('teller.app_password', \(password), true)", deadline: deadline)
            try await connection.executeScript(
                """
                DO $$
                BEGIN
                    EXECUTE format(
                        'ALTER ROLE teller_app PASSWORD %L', current_setting('teller.app_password'));
                EXCEPTION
                    WHEN OTHERS THEN RAISE EXCEPTION USING ERRCODE = SQLSTATE, MESSAGE = SQLERRM;
                END
                $$
                """, deadline: deadline)
        }
    }
}
