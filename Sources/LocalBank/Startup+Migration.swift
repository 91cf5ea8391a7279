extension Startup {
    /// What the exit code of `balance-service migrate`, one of sysexits(3), and its last line say.
    static func migrationFailure(_ outcome: Command.Outcome) -> LocalBankError {
        let said = whatServerSaid(outcome)
        let (code, message, advice): (LocalBankError.Code, String, String) =
            switch outcome.exit {
            case .exited(69) where said == nil:
                (
                    .databaseUnavailable, "PostgreSQL cannot be reached",
                    "start it, or see --database"
                )
            case .exited(69), .exited(75):
                (
                    .databaseUnavailable, "PostgreSQL says: \(said ?? "")",
                    "try again, or see --database"
                )
            case .exited(77):
                (
                    .databaseRefused, "PostgreSQL refuses the user: \(said ?? "no password")",
                    "correct --database, or PGPASSWORD"
                )
            case .exited(78):
                (
                    .databaseAddress,
                    said.map { "PostgreSQL says: \($0)" }
                        ?? "the database cannot be used: \(lastWords(outcome))",
                    "correct --database: postgresql://user@host/name"
                )
            default:
                (
                    .migrationFailed, "balance-service migrate failed (\(outcome.exit))",
                    "see its last lines"
                )
            }
        return LocalBankError(
            code, message, advice: advice, part: Part(.postgreSQL), logTail: outcome.lastLines(10))
    }

    private static func lastWords(_ outcome: Command.Outcome) -> String {
        let line = outcome.lastLines(1).first ?? ""
        return line.range(ofText: "balance-service: ").map { String(line[$0.upperBound...]) }
            ?? line
    }

    /// The server's own words: behind `FATAL:  3D000: ` for a connection, else behind the SQLSTATE.
    private static func whatServerSaid(_ outcome: Command.Outcome) -> String? {
        let line = lastWords(outcome)
        guard let state = line.range(ofText: "(SQLSTATE ") else { return nil }
        let rest = line[state.upperBound...]
        if let fatal = rest.range(ofText: "FATAL:  ") {
            let words = rest[fatal.upperBound...]
            return tidied(words.range(ofText: ": ").map { words[$0.upperBound...] } ?? words)
        }
        return rest.range(ofText: "): ").map { String(rest[$0.upperBound...]) }
    }

    /// libpq's lines as one, and without the place in the server's source.
    static func tidied(_ words: Substring) -> String {
        let line = words.split(whereSeparator: \.isNewline).joined(separator: " ")
        let end = line.range(ofText: " LOCATION:  ")?.lowerBound ?? line.endIndex
        return String(line[..<end]).replacingText(" DETAIL:  ", with: ": ").trimmed
    }

    /// Brings the tables up to date when the bank starts, not when a part of it is repaired.
    mutating func migrate() async throws {
        guard !state.migrated else { return }
        let isFirst = postgres != nil && !Files.exists(demoMark)
        let demo = options.demo ?? isFirst
        let database = try database(role: "postgres", asRole: nil)
        report(.began(.migrate(demo: demo)))
        let began = ContinuousClock.now
        let outcome = try await outcomeOfMigration(demo: demo, database)
        guard outcome.succeeded else { throw Self.migrationFailure(outcome) }
        report(.finished(.migrate(demo: demo), address: nil, took: .now - began))
        if isFirst {
            do throws(Files.Failure) {
                try Files.replace(demoMark, with: [], mode: 0o600)
            } catch {
                throw home.unusable(demoMark, error)
            }
        }
        state.migrated = true
        try state.save(home)
    }

    /// A database elsewhere that refuses the tiers' user may take root: who asks counts for `peer`, for
    /// ~/.pgpass and certificates. Then the tiers stay root.
    private mutating func outcomeOfMigration(
        demo: Bool, _ database: TierContract.Database
    ) async throws -> Command.Outcome {
        let outcome = try await waitedMigration(demo: demo, database)
        guard outcome.exit == .exited(77), external != nil, let user = state.tierUser else {
            return outcome
        }
        state.tierUser = nil
        let again = try await waitedMigration(demo: demo, database)
        guard again.succeeded else { return again }
        let said = Self.whatServerSaid(outcome).map { ": \(shown($0))" } ?? ""
        report(
            .tiersStayRoot(because: "the database refuses the user \(user.user.name)\(said)"))
        try makeTierFolder()
        return again
    }

    private func waitedMigration(
        demo: Bool, _ database: TierContract.Database
    ) async throws -> Command.Outcome {
        var waiting = Waiting()
        while true {
            let outcome = try await contract.migration(demo: demo, database: database).run()
            let words = Self.whatServerSaid(outcome) ?? ""
            guard outcome.exit == .exited(75), goesOn(&waiting, Part(.postgreSQL), says: words)
            else { return outcome }
            try await Task.sleep(for: .milliseconds(500))
        }
    }

    /// Whoever deletes the demo data has deleted it: it is loaded once in a data folder's life.
    private var demoMark: String { "\(home.postgresFolder)/first-start-done" }
}
