internal import Foundation

/// A private PostgreSQL server in a temporary folder. It ends with `stop()`, or with this process, however
/// that ends.
public actor PostgresServer {
    /// The superuser's password over TCP; the socket asks for none.
    public static let password = "test-password"

    public nonisolated let port: Int
    public nonisolated let folder: String
    private nonisolated let binaries: String
    private let guardian: Guardian

    private init(port: Int, folder: String, binaries: String) throws {
        self.port = port
        self.folder = folder
        self.binaries = binaries
        let script = """
            # One that a test has stopped could not end.
            pid=$(head -n 1 "$2/data/postmaster.pid")
            kill -s CONT $pid $(pgrep -P $pid)
            "$1/pg_ctl" -D "$2/data" -m immediate stop
            rm -rf "$2"
            """
        guardian = try Guardian(script, [binaries, folder], as: Self.asServerUser([]))
    }

    /// Makes and starts a server.
    public static func start() async throws -> PostgresServer {
        let server = try await make()
        try await server.initialise()
        try await server.start()
        return server
    }

    private static func make() async throws -> PostgresServer {
        let binaries = try await findBinaries()
        let folder = try await runCommand(
            asServerUser(["mktemp", "-d", "/tmp/test-postgres-XXXXXX"])
        ).trimmingCharacters(in: .whitespacesAndNewlines)
        return try PostgresServer(port: freePort(), folder: folder, binaries: binaries)
    }

    /// Makes and starts a standby, which takes in all that this server does.
    public nonisolated func startStandby() async throws -> PostgresServer {
        let standby = try await Self.make()
        let script = """
            exec "$1/pg_basebackup" -D "$2/data" -R -X stream -c fast -h "$3" -p "$4" -U postgres
            """
        try await runCommand(
            Self.asServerUser(
                ["sh", "-c", script, "sh", binaries, standby.folder, folder, "\(port)"]))
        try await standby.start()
        return standby
    }

    /// Where it is, for a client over TCP.
    public nonisolated func url(database: String = "postgres") -> String {
        "postgresql://postgres:\(Self.password)@127.0.0.1:\(port)/\(database)"
    }

    public func start() async throws {
        let options =
            "-p \(port) -k \(folder) -c listen_addresses=127.0.0.1 -c fsync=off "
            + "-c wal_retrieve_retry_interval=100ms"
        try await control(["-w", "-t", "60", "-l", "\(folder)/log", "-o", options, "start"])
    }

    /// Stops the server and keeps its data.
    /// - Parameter mode: `fast` ends the sessions, `immediate` is a crash.
    public func pause(mode: String = "fast") async throws {
        try await control(["-w", "-m", mode, "stop"])
    }

    public func restart() async throws {
        try await pause()
        try await start()
    }

    /// Stops the server and removes its folder, without waiting.
    public nonisolated func stop() { guardian.release() }

    func control(_ words: [String]) async throws {
        let command = [binaries + "/pg_ctl", "-D", folder + "/data"] + words
        do {
            try await runCommand(Self.asServerUser(command))
        } catch let error as CommandError {
            let log = (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? ""
            throw CommandError(
                program: error.program, status: error.status,
                output: error.output + log.suffix(2000))
        }
    }

    private func initialise() async throws {
        let script = """
            printf %s "$3" > "$2/password" && exec "$1/initdb" -D "$2/data" -U postgres -N \
            --auth-local=trust --auth-host=scram-sha-256 --pwfile="$2/password" -E UTF8 --locale=C
            """
        try await runCommand(
            Self.asServerUser(["sh", "-c", script, "sh", binaries, folder, Self.password]))
    }

    /// PostgreSQL refuses to run as root.
    private static func asServerUser(_ command: [String]) -> [String] {
        geteuid() == 0 ? ["runuser", "-u", "postgres", "--"] + command : command
    }

    private static func findBinaries() async throws -> String {
        var folders: [String] = []
        if let named = try? await runCommand(["pg_config", "--bindir"]) {
            folders.append(named.trimmingCharacters(in: .whitespacesAndNewlines))
        }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        folders += path.split(separator: ":").map(String.init)
        let debian = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: debian)) ?? []
        folders += versions.sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }.map { "\(debian)/\($0)/bin" }
        let found = folders.first { folder in
            ["initdb", "pg_ctl", "postgres"].allSatisfy {
                FileManager.default.isExecutableFile(atPath: "\(folder)/\($0)")
            }
        }
        guard let found else { throw TestPostgresError.noBinaries(searched: folders) }
        return found
    }
}

public enum TestPostgresError: Error {
    /// PostgreSQL's server is not installed in any of the folders.
    case noBinaries(searched: [String])
    /// TEST_DATABASE_URL is not a URI.
    case notAURI
}
