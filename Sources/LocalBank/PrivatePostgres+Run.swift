extension PrivatePostgres {
    /// Starts the server; it may have yet to recover from a crash.
    ///
    /// pg_ctl starts it in a session of its own and sees to a stale postmaster.pid.
    func start(_ installation: PostgresInstallation) async throws -> ProcessIdentity {
        try writeSettings()
        let deadline = ContinuousClock.now + .seconds(10)
        while true {
            do {
                return try await startOnce(installation)
            } catch let error as LocalBankError {
                // A server that was killed holds on for a moment: its sessions have yet to end by
                // themselves, or it is a zombie that init has yet to reap.
                let signs = ["still in use", "Is another postmaster"]
                let isHeld = error.logTail.contains { line in
                    signs.contains { line.range(ofText: $0) != nil }
                }
                guard isHeld, running() == nil, ContinuousClock.now < deadline else { throw error }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    private func startOnce(_ installation: PostgresInstallation) async throws -> ProcessIdentity {
        let logStart = LogTail.sizeBytes(logPath)
        let arguments = [
            "start", "--pgdata", home.dataFolder, "--log", logPath, "--wait", "--timeout", "3",
            "--silent",
        ]
        let outcome = try await command("pg_ctl", arguments, installation, .seconds(70)).run()
        let isSlow = outcome.output.range(ofText: "did not start in time") != nil
        let deadline = ContinuousClock.now + .seconds(60)
        while outcome.succeeded || isSlow {
            if let identity = running() { return identity }
            // It is on its way to its postmaster.pid.
            guard isSlow, ContinuousClock.now < deadline else { break }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw failedToStart(after: logStart, outcome.lastLines(10))
    }

    func failedToStart(after logStart: Int = 0, _ output: [String] = []) -> LocalBankError {
        let log = LogTail.lines(logPath, count: 10, after: logStart)
        return LocalBankError(
            .postgresFailed, "PostgreSQL did not start on \(home.dataFolder)",
            advice: "see its last lines", part: part, logTail: log.isEmpty ? output : log,
            logPath: logPath)
    }

    /// Makes the database unless it is there.
    func createDatabase(_ installation: PostgresInstallation) async throws {
        let name = Self.database
        let exists = try await query(
            "SELECT count(*) FROM pg_database WHERE datname = '\(name)'", installation)
        if exists == "0" { _ = try await query("CREATE DATABASE \(name)", installation) }
    }

    /// What it says to whoever connects; empty when that succeeds, or takes too long.
    func refusal(_ installation: PostgresInstallation) async throws -> String {
        var command = psql("SELECT 1", installation)
        command.timeout = .seconds(2)
        do {
            let outcome = try await command.run()
            return outcome.output.range(ofText: "FATAL:  ")
                .map { Startup.tidied(outcome.output[$0.upperBound...]) } ?? ""
        } catch is LocalBankError {
            return ""
        }
    }

    private func psql(_ statement: String, _ installation: PostgresInstallation) -> Command {
        let arguments = [
            "--no-psqlrc", "--no-align", "--tuples-only", "--quiet", "--host", socketFolder,
            "--port", "\(Self.port)", "--username", "postgres", "--dbname", "postgres",
            "--set", "ON_ERROR_STOP=1", "--command", statement,
        ]
        return command("psql", arguments, installation, .seconds(30))
    }

    private func query(
        _ statement: String, _ installation: PostgresInstallation
    ) async throws -> String {
        let outcome = try await psql(statement, installation).run()
        guard outcome.succeeded else {
            throw LocalBankError(
                .postgresFailed, "PostgreSQL did not make the database \(Self.database)",
                advice: "see its last lines", part: part, logTail: outcome.lastLines(10),
                logPath: logPath)
        }
        return outcome.output.trimmed
    }

    /// Stops the server if it runs: it ends its sessions, writes a checkpoint and exits. If that
    /// takes too long it exits without the checkpoint, and recovers from its log when it starts.
    func stop(_ installation: PostgresInstallation) async throws -> Step.Stop {
        guard running() != nil else { return .wasDead }
        if try await stop(installation, mode: "fast", seconds: 30) { return .drained }
        if try await stop(installation, mode: "immediate", seconds: 10) { return .killed }
        throw LocalBankError(
            .stillRunning, "PostgreSQL on \(home.dataFolder) did not stop",
            advice: "see its log", part: part, logTail: LogTail.lines(logPath, count: 10),
            logPath: logPath)
    }

    private func stop(
        _ installation: PostgresInstallation, mode: String, seconds: Int
    ) async throws -> Bool {
        let arguments = [
            "stop", "--pgdata", home.dataFolder, "--mode", mode, "--wait", "--timeout",
            "\(seconds)", "--silent",
        ]
        let timeout = Duration.seconds(seconds + 5)
        _ = try await command("pg_ctl", arguments, installation, timeout).run()
        return running() == nil
    }
}
