extension Startup {
    /// What the exit code of `balance-service migrate`, one of sysexits(3), and its last line say.
    static func migrationFailure(_ outcome: Command.Outcome) -> LocalBankError {
        func error(
            _ code: LocalBankError.Code, _ message: String, _ advice: String
        ) -> LocalBankError {
            LocalBankError(
                code, message, advice: advice, part: Part(.postgreSQL),
                logTail: outcome.lastLines(10))
        }
        let said = whatServerSaid(outcome)
        let says = said.map { "PostgreSQL says: \($0)" }
        return switch outcome.exit {
        case .exited(69) where said == nil:
            error(
                .databaseUnavailable, "PostgreSQL cannot be reached", "start it, or see --database")
        case .exited(69), .exited(75):
            error(.databaseUnavailable, says ?? "", "try again, or see --database")
        case .exited(77):
            error(
                .databaseRefused, "PostgreSQL refuses the user: \(said ?? "no password")",
                "correct --database, or PGPASSWORD")
        case .exited(78):
            error(
                .databaseAddress, says ?? "the database cannot be used: \(lastWords(outcome))",
                "correct --database: postgresql://user@host/name")
        default:
            error(
                .migrationFailed, "balance-service migrate failed (\(outcome.exit))",
                "see its last lines")
        }
    }

    private static func lastWords(_ outcome: Command.Outcome) -> String {
        let line = outcome.lastLines(1).first ?? ""
        return line.after("balance-service: ").map { String($0) } ?? line
    }

    /// The server's own words: behind `FATAL:  3D000: ` for a connection, else behind the SQLSTATE.
    private static func whatServerSaid(_ outcome: Command.Outcome) -> String? {
        guard let rest = lastWords(outcome).after("(SQLSTATE ") else { return nil }
        if let words = rest.after("FATAL:  ") { return (words.after(": ") ?? words).tidied }
        return rest.after("): ").map { String($0) }
    }

    /// Brings the tables up to date when the bank starts, not when a part of it is repaired.
    mutating func migrate() async throws {
        guard !supervisor.state.migrated else { return }
        // Whoever deletes the demo data has deleted it: it is loaded once in a data folder's life.
        let mark = "\(home.postgresFolder)/first-start-done"
        let demo = database.own != nil && !Files.exists(mark)
        supervisor.report(.began(.migrate(demo: demo)))
        let began = ContinuousClock.now
        let outcome = try await outcomeOfMigration(demo: demo)
        guard outcome.succeeded else { throw Self.migrationFailure(outcome) }
        if database.own != nil { try await makeDemoUsers() }
        let took = ContinuousClock.now - began
        supervisor.report(.finished(.migrate(demo: demo), address: nil, took: took))
        if demo { try home.writing(mark) { try Files.replace(mark, with: "") } }
        supervisor.state.migrated = true
        try supervisor.state.save(home)
    }

    /// Makes the people of the demo accounts, once, and keeps their passwords for who owns the bank. What
    /// was interrupted is done again, with other passwords.
    private func makeDemoUsers() async throws {
        guard !Files.exists(home.demoUsersFile) else { return }
        let outcome = try await bank.demoUsers(database, supervisor.state).run(within: .seconds(60))
        guard outcome.succeeded else { throw Self.migrationFailure(outcome) }
        let lines = outcome.output.split(separator: "\n").filter {
            $0.split(separator: " ").count == 2
        }
        try home.writing(home.demoUsersFile) {
            try Files.replace(home.demoUsersFile, with: lines.joined(separator: "\n") + "\n")
        }
    }

    /// A database elsewhere that refuses the tiers' user may take root: who asks counts for `peer`, for
    /// ~/.pgpass and certificates. Then the tiers stay root.
    private mutating func outcomeOfMigration(demo: Bool) async throws -> Command.Outcome {
        let outcome = try await waitedMigration(demo: demo)
        guard outcome.exit == .exited(77), external != nil, let user = supervisor.state.tierUser
        else { return outcome }
        supervisor.state.tierUser = nil
        let again = try await waitedMigration(demo: demo)
        guard again.succeeded else { return again }
        let said = Self.whatServerSaid(outcome).map { ": \(shown($0))" } ?? ""
        supervisor.report(
            .tiersStayRoot(because: "the database refuses the user \(user.user.name)\(said)"))
        try makeTierFolder()
        return again
    }

    private func waitedMigration(demo: Bool) async throws -> Command.Outcome {
        let command = try bank.migration(demo: demo, database, supervisor.state)
        var waiting = Waiting(
            Part(.postgreSQL), bound: options.readyTimeout, supervisor.report)
        while true {
            let outcome = try await command.run(within: .seconds(120))
            guard outcome.exit == .exited(75),
                waiting.goesOn(says: shown(Self.whatServerSaid(outcome) ?? ""))
            else { return outcome }
            try await Task.sleep(for: .milliseconds(500))
        }
    }

    /// Without the password that somebody else's text may repeat.
    private func shown(_ words: String) -> String { external?.scrub(words) ?? words }
}
