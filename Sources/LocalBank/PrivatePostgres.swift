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
    let user: SystemUser
    let socketFolder: String
    /// The tiers' user, where it is another: it may connect as the tiers' role, and as no other.
    var client: SystemUser?
    var part: Part { Part(.postgreSQL) }
    var logPath: String { home.logFile(of: part) }

    init(_ home: BankHome) throws(LocalBankError) {
        self.home = home
        user = try SystemUser.forPostgres()
        socketFolder = home.socketFolder(
            "\(home.runFolder)/postgresql", longestName: ".s.PGSQL.\(Self.port)", user.userID)
    }

    /// What a tier connects with.
    func url(role: String) -> String {
        "postgresql:///\(Self.database)?host=\(socketFolder.percentEncoded)"
            + "&port=\(Self.port)&user=\(role)"
    }

    /// The version that made the data folder, or nil when there is none.
    func dataVersion() -> Int? {
        Files.readText("\(home.dataFolder)/PG_VERSION", limit: 16).flatMap { Int($0.trimmed) }
    }

    /// The server that runs on the data folder.
    func running() -> ProcessIdentity? {
        // postmaster.pid: its first line is the process number. A stale file can name any process,
        // so on Linux it has to be one whose current folder is the data folder.
        guard let text = Files.readText("\(home.dataFolder)/postmaster.pid", limit: 4096),
            let line = text.split(separator: "\n").first, let pid = Int32(String(line).trimmed),
            let identity = ProcessIdentity(pid: pid)
        else { return nil }
        #if os(Linux)
        guard let folder = Host.resolved("/proc/\(pid)/cwd"),
            folder == Host.resolved(home.dataFolder)
        else { return nil }
        #endif
        return identity
    }

    enum Readiness: Equatable {
        case ready
        /// It answers that it takes nobody yet, or no more: its own words.
        case refuses(String)
        case silent
    }

    func readiness(_ installation: PostgresInstallation) async throws -> Readiness {
        let arguments = ["-q", "-h", socketFolder, "-p", "\(Self.port)", "-t", "2"]
        let outcome = try await command("pg_isready", arguments, installation, .seconds(5)).run()
        switch outcome.exit {
        case .exited(0): return .ready
        case .exited(1): return .refuses(try await refusal(installation))
        default: return .silent
        }
    }

    func command(
        _ program: String, _ arguments: [String], _ installation: PostgresInstallation,
        _ timeout: Duration
    ) -> Command {
        // None of the caller's PG… variables, and messages in English.
        var environment: Variables = [
            "PATH": "\(installation.binFolder):/usr/bin:/bin", "LC_ALL": "C",
            "HOME": home.postgresFolder,
        ]
        for name in ["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TZ", "TZDIR"] {
            environment[name] = Host.variable(name)
        }
        return Command(
            executable: installation.path(program), arguments: arguments,
            environment: environment, user: user, timeout: timeout)
    }

}
