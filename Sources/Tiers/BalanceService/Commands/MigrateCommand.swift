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
            Safe to repeat and to run twice at once. With TELLER_APP_PASSWORD and \
            TELLER_IDENTITY_PASSWORD, or files that TELLER_APP_PASSWORD_FILE and \
            TELLER_IDENTITY_PASSWORD_FILE name, the roles teller_app and teller_identity may log in \
            with these passwords afterwards.
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
            let passwords = [
                "teller_app": try ServiceSettings.appPassword.value(flag: nil, file: file),
                "teller_identity": try ServiceSettings.identityPassword.value(
                    flag: nil, file: file),
            ].compactMapValues(\.self)
            let deadline = ContinuousClock.now.advanced(by: .seconds(timeout))
            let logger = Logger(label: "balance-service")
            let applied = try await PostgresConnection.withConnection(
                configuration, logger: logger, deadline: deadline
            ) { connection in
                try await migrate(connection, passwords, deadline: deadline, logger)
            }
            print(
                applied.isEmpty ? "nothing to apply" : "applied \(applied.joined(separator: ", "))")
        }
    }

    private func migrate(
        _ connection: PostgresConnection, _ passwords: [String: String],
        deadline: ContinuousClock.Instant, _ logger: Logger
    ) async throws -> [String] {
        let migrator = Migrator(migrations: Migration.all, logger: logger)
        let applied = try await migrator.migrate(connection, deadline: deadline)
        for (role, password) in passwords {
            try await setPassword(password, of: role, on: connection, deadline: deadline)
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
    private func setPassword(
        _ password: String, of role: String, on connection: PostgresConnection,
        deadline: ContinuousClock.Instant
    ) async throws {
        try await Migrator.alone(connection, deadline: deadline) { connection in
            _ = try await connection.query(
                """
                SELECT set_config('teller.role', \(role), true),
                    set_config('teller.role_password', \(password), true)
                """, deadline: deadline)
            try await connection.executeScript(
                """
                DO $$
                BEGIN
                    EXECUTE format(
                        'ALTER ROLE %I PASSWORD %L', current_setting('teller.role'),
                        current_setting('teller.role_password'));
                EXCEPTION
                    WHEN OTHERS THEN RAISE EXCEPTION USING ERRCODE = SQLSTATE, MESSAGE = SQLERRM;
                END
                $$
                """, deadline: deadline)
        }
    }
}
