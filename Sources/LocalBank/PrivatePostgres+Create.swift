#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

extension PrivatePostgres {
    /// Makes the folders that belong to the server's user.
    func makeFolders() throws(LocalBankError) {
        if user != .current, let folder = Folders.obstacle(on: home.path, for: user) {
            throw LocalBankError(
                .homeUnusable,
                "PostgreSQL runs as the user \(user.name), who cannot pass through \(folder)",
                advice: "set TELLER_HOME to another folder, or chmod a+x \(folder)")
        }
        try make(home.postgresFolder)
        if socketFolder == "\(home.runFolder)/postgresql" {
            try make(socketFolder, passableBy: client)
        } else {
            do throws(Files.Failure) {
                try Folders.makePrivate(socketFolder, owner: user, passableBy: client)
            } catch {
                throw home.unusable(socketFolder, error)
            }
        }
        // Its folder is not the server's, so the log has to be there before.
        let log = open(logPath, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard log >= 0 else { throw home.unusable(logPath, Files.Failure(number: errno)) }
        defer { close(log) }
        guard fchown(log, user.userID, user.groupID) == 0 else {
            throw home.unusable(logPath, Files.Failure(number: errno))
        }
    }

    /// The one in /tmp; that in the home goes with the home.
    func removeSocketFolder() throws(LocalBankError) {
        if Folders.isPrivate(socketFolder, owner: user) { try Folders.removeAll(socketFolder) }
    }

    private func make(
        _ folder: String, passableBy client: SystemUser? = nil
    ) throws(LocalBankError) {
        do throws(Files.Failure) {
            try Folders.make(folder, mode: 0o700, owner: user, passableBy: client)
        } catch {
            throw home.unusable(folder, error)
        }
    }

    /// Whether there is a data folder that this installation can use.
    ///
    /// - Throws: `LocalBankError.Code.postgresVersion`, `.homeUnusable`.
    func checkData(_ installation: PostgresInstallation) throws(LocalBankError) -> Bool {
        if let version = dataVersion() {
            guard version == installation.majorVersion else {
                throw LocalBankError(
                    .postgresVersion,
                    "the data in \(home.dataFolder) is of PostgreSQL \(version), and "
                        + "\(installation.binFolder) is PostgreSQL \(installation.majorVersion)",
                    advice: "install PostgreSQL \(version) and set TELLER_PG_BIN to its bin "
                        + "folder, or delete the data with teller down --purge", part: part)
            }
            if hasWholeData { return true }
        }
        guard Files.names(in: home.dataFolder).isEmpty else {
            throw LocalBankError(
                .homeUnusable, "\(home.dataFolder) is not empty and not a whole data folder",
                advice:
                    "if a purge was interrupted, finish it with 'teller down --purge'; else move "
                    + "the folder away, or set TELLER_HOME to another", part: part)
        }
        return false
    }

    /// Without these it is what an interrupted deletion left.
    private var hasWholeData: Bool {
        // By their names: a link to a disk that is not mounted is no reason to delete the rest.
        Set(Files.names(in: home.dataFolder)).isSuperset(of: ["global", "base", "pg_wal"])
            && Files.names(in: "\(home.dataFolder)/global").contains("pg_control")
    }

    /// Runs initdb. The data folder is there whole or not at all: it is made under another name.
    func create(_ installation: PostgresInstallation) async throws {
        let folder = "\(home.dataFolder).new"
        try Folders.removeAll(folder)
        // The C locale, because it is on every machine and an update of the system's collations
        // cannot change the order in an index.
        let arguments = [
            "--pgdata", folder, "--username", "postgres", "--encoding", "UTF8", "--locale", "C",
            "--data-checksums", "--auth-local", "trust", "--auth-host", "reject",
        ]
        do {
            let outcome = try await command("initdb", arguments, installation, .seconds(120)).run()
            guard outcome.succeeded else {
                throw LocalBankError(
                    .postgresFailed, "initdb could not make \(home.dataFolder)",
                    advice: "see its last lines", part: part, logTail: outcome.lastLines(10))
            }
        } catch {
            try? Folders.removeAll(folder)
            throw error
        }
        guard rename(folder, home.dataFolder) == 0 else {
            throw home.unusable(home.dataFolder, Files.Failure(number: errno))
        }
    }

    /// Who may connect as whom, where it is not enough to reach the socket.
    private func writeUsers() throws(Files.Failure) {
        guard let client else { return }
        let hosts = """
            # Written at each start by teller.
            local all all peer map=teller
            local replication postgres peer map=teller
            """
        let own = ["root", user.name].flatMap { name in
            ["postgres", TierContract.appRole].map { "teller \(name) \($0)" }
        }
        let users = (own + ["teller \(client.name) \(TierContract.appRole)"]).joined(
            separator: "\n")
        for (name, text) in [("hba", hosts), ("ident", users)] {
            try Files.replace(
                usersFile(name), with: Array("\(text)\n".utf8), mode: 0o600, owner: user)
        }
    }

    private func usersFile(_ name: String) -> String { "\(home.dataFolder)/teller.\(name).conf" }

    /// Writes the settings, which postgresql.conf includes. What the user sets with ALTER SYSTEM
    /// comes after them and wins.
    func writeSettings() throws(LocalBankError) {
        // fsync, synchronous_commit and full_page_writes stay on, as PostgreSQL has them.
        let settings = """
            # Written at each start by teller. To change a setting use ALTER SYSTEM.
            listen_addresses = ''
            unix_socket_directories = '"\(socketFolder)"'
            unix_socket_permissions = \(client == nil ? "0700" : "0777")
            \(client == nil ? "" : "hba_file = '\(usersFile("hba"))'")
            \(client == nil ? "" : "ident_file = '\(usersFile("ident"))'")
            port = \(Self.port)
            max_connections = 100
            shared_buffers = 128MB
            log_line_prefix = '%m [%p] %q%u@%d '
            log_timezone = 'UTC'
            """
        do throws(Files.Failure) {
            try writeUsers()
            let name = "teller.conf"
            try Files.replace(
                "\(home.dataFolder)/\(name)", with: Array("\(settings)\n".utf8), mode: 0o600,
                owner: user)
            let main = "\(home.dataFolder)/postgresql.conf"
            let include = "include_if_exists = '\(name)'"
            guard let text = Files.readText(main) else { throw Files.Failure(number: errno) }
            guard !text.split(separator: "\n").contains(where: { $0 == include }) else { return }
            try Files.replace(
                main, with: Array("\(text)\n\(include)\n".utf8), mode: 0o600, owner: user)
        } catch {
            throw home.unusable(home.dataFolder, error)
        }
    }
}
