/// The PostgreSQL server that only this bank uses.
///
/// It listens on a Unix socket only, and trusts whoever connects to it. That is safe because the
/// socket is in a folder of mode 0700: the kernel lets nobody through but the user that the
/// server runs as, who could read the data folder anyway, and root. There is no port that another
/// user or a web page could reach, and no password to keep.
struct PrivatePostgres: Sendable {
    static let database = "teller"
    static let port = 5432

    let home: BankHome
    let user: SystemUser
    let socketFolder: String
    var part: Part { Part(.postgreSQL) }
    var logPath: String { home.logFile(of: part) }

    init(_ home: BankHome) throws(LocalBankError) {
        self.home = home
        user = try SystemUser.forPostgres()
        socketFolder = Self.socketFolder(home, userID: user.userID)
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

    func isReady(_ installation: PostgresInstallation) async throws -> Bool {
        let arguments = ["-q", "-h", socketFolder, "-p", "\(Self.port)", "-t", "2"]
        let outcome = try await command("pg_isready", arguments, installation, .seconds(5)).run()
        return outcome.succeeded
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

    /// A socket's path has to fit into sockaddr_un: 108 bytes on Linux, 104 on macOS, with its
    /// closing zero. Where the home's own is too long, a private folder in /tmp takes its place.
    private static func socketFolder(_ home: BankHome, userID: UInt32) -> String {
        let folder = "\(home.runFolder)/postgresql"
        if "\(folder)/.s.PGSQL.\(port)".utf8.count < 104 { return folder }
        // FNV-1a: the same home has the same folder each time.
        let hash = home.path.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01b3
        }
        return "/tmp/teller-\(userID)-\(String(hash, radix: 16))"
    }
}
