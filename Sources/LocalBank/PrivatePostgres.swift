import Bytes

/// The PostgreSQL server that only this bank uses.
///
/// It listens on a Unix socket only, and trusts whoever connects to it. That is safe because the
/// socket is in a folder of mode 0700: the kernel lets nobody through but the user that the
/// server runs as, who could read the data folder anyway, and root. Where the tiers have a user of
/// their own, that one's group may pass as well, and PostgreSQL asks the kernel who connects (`peer`).
/// There is no port that another user or a web page could reach, and no password to keep.
struct PrivatePostgres: Sendable {
    static let database = "teller"
    static let port = 5432

    let home: BankHome
    /// The one that was found, where that has been done.
    var installation: PostgresInstallation?
    let user: SystemUser
    let socketFolder: String

    init(_ home: BankHome, _ installation: PostgresInstallation? = nil) {
        self.home = home
        self.installation = installation
        // Where there is none that it may run as, it does not start, and says so then.
        user = (try? .forPostgres()) ?? .current
        socketFolder = home.socketFolder(
            "\(home.runFolder)/postgresql", longestName: ".s.PGSQL.\(Self.port)", user.userID)
    }

    var process: ProcessDescription {
        ProcessDescription(
            part: Part(.postgreSQL),
            mark: ProcessDescription.Mark(flag: "-D", path: home.dataFolder),
            command: { try await prepare(client: $0.tierUser?.user, $1) },
            readiness: { _ in try await readiness() },
            pidFile: "\(home.dataFolder)/postmaster.pid",
            leastReadyTimeout: .seconds(60),
            // Its sessions have yet to end by themselves, or it is a zombie that init has yet to reap.
            signsOfAnEarlierOne: ["still in use", "Is another postmaster"],
            explanation: { _ in
                LocalBankError(
                    .postgresFailed, "PostgreSQL did not start on \(home.dataFolder)",
                    advice: "see its last lines")
            },
            // Fast: its sessions are ended and a checkpoint is written. Immediate: it recovers from its
            // log when it starts.
            endings: [
                ProcessDescription.Ending(signal: .SIGINT, bound: .seconds(30)),
                ProcessDescription.Ending(signal: .SIGQUIT, bound: .seconds(10)),
            ])
    }

    /// What a tier connects with.
    func url(role: String) -> String {
        "postgresql:///\(Self.database)?host=\(socketFolder.percentEncoded)"
            + "&port=\(Self.port)&user=\(role)"
    }

    /// Finds the programs, of the version that made the data folder where there is one.
    func installed() async throws -> PostgresInstallation {
        if let installation { return installation }
        return try await PostgresInstallation.find(wanted: dataVersion)
    }

    var dataVersion: Int? {
        Files.text(of: "\(home.dataFolder)/PG_VERSION", limit: 16).flatMap { Int($0.trimmed) }
    }

    func command(_ program: String, _ arguments: [String] = []) async throws -> Command {
        let installation = try await installed()
        // None of the caller's PG… variables, and messages in English.
        var variables: Variables = [
            "PATH": "\(installation.binFolder):/usr/bin:/bin", "LC_ALL": "C",
            "HOME": home.postgresFolder,
        ]
        for name in ["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TZ", "TZDIR"] {
            variables[name] = Host.variable(name)
        }
        return Command(
            program: installation.path(program), arguments: arguments, variables: variables,
            user: ProcessUser(user: user))
    }

    /// Whether it takes those who connect, and else what it says to them.
    func readiness() async throws -> ProcessDescription.Readiness {
        do {
            let outcome = try await psql("SELECT 1", within: .seconds(5))
            let words = outcome.output.after("FATAL:  ")?.tidied
            if let words, words.hasPrefix("the database system is") { return .refuses(words) }
            // Whatever else it refuses, it serves: who asks it for more is told what is wrong.
            guard outcome.succeeded || words != nil else { return .notYet("does not listen") }
            return .ready(address: socketFolder)
        } catch let error as LocalBankError where error.code == .commandFailed {
            return .notYet("listens but is not ready")
        }
    }

    /// Makes the database unless it is there.
    func createDatabase() async throws {
        let name = Self.database
        let count = try await query("SELECT count(*) FROM pg_database WHERE datname = '\(name)'")
        if count == "0" { _ = try await query("CREATE DATABASE \(name)") }
    }

    private func query(_ statement: String) async throws -> String {
        let outcome = try await psql(statement, within: .seconds(30))
        guard outcome.succeeded else {
            throw LocalBankError(
                .postgresFailed, "PostgreSQL did not make the database \(Self.database)",
                advice: "see its last lines", part: Part(.postgreSQL),
                logTail: outcome.lastLines(10), logPath: home.logFile(of: Part(.postgreSQL)))
        }
        return outcome.output.trimmed
    }

    private func psql(_ statement: String, within bound: Duration) async throws -> Command.Outcome {
        var command = try await command(
            "psql",
            [
                "--no-psqlrc", "--no-align", "--tuples-only", "--quiet", "--host", socketFolder,
                "--port", "\(Self.port)", "--username", "postgres", "--dbname", "postgres",
                "--set", "ON_ERROR_STOP=1", "--no-password", "--command", statement,
            ])
        command.variables["PGCONNECT_TIMEOUT"] = "2"
        return try await command.run(within: bound)
    }
}

extension StringProtocol {
    /// libpq's lines as one, and without the place in the server's source.
    var tidied: String {
        let line = split(whereSeparator: \.isNewline).joined(separator: " ")
        let end = line.range(ofText: " LOCATION:  ")?.lowerBound ?? line.endIndex
        return String(line[..<end]).replacingText(" DETAIL:  ", with: ": ").trimmed
    }
}
