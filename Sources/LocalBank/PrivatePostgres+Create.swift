#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

extension PrivatePostgres {
    /// Makes the folders, the data if there is none, and the settings.
    ///
    /// - Parameter client: the tiers' user, where it is another: it may connect as the tiers' roles, and
    ///   as no other.
    /// - Returns: the command that starts the server.
    func prepare(
        client: SystemUser?, _ report: @Sendable (Step) -> Void
    ) async throws -> Command {
        _ = try SystemUser.forPostgres()
        var found = self
        found.installation = try await installed()
        try makeFolders(client: client)
        if try !found.hasData() {
            let began = ContinuousClock.now
            report(.began(.createDataFolder(home.dataFolder)))
            try await found.create()
            let took = ContinuousClock.now - began
            report(.finished(.createDataFolder(home.dataFolder), address: nil, took: took))
        }
        try home.writing(home.dataFolder) { try writeSettings(client: client) }
        return try await found.command("postgres")
    }

    /// Makes the folders that belong to the server's user.
    func makeFolders(client: SystemUser? = nil) throws(LocalBankError) {
        if user != .current, let folder = Folders.obstacle(on: home.path, for: user) {
            throw LocalBankError(
                .homeUnusable,
                "PostgreSQL runs as the user \(user.name), who cannot pass through \(folder)",
                advice: "set TELLER_HOME to another folder, or chmod a+x \(folder)")
        }
        try home.writing(home.postgresFolder) {
            try Folders.make(home.postgresFolder, mode: 0o700, owner: user)
        }
        try home.writing(socketFolder) {
            if socketFolder == "\(home.runFolder)/postgresql" {
                try Folders.make(socketFolder, mode: 0o700, owner: user, passableBy: client)
            } else {
                try Folders.makePrivate(socketFolder, owner: user, passableBy: client)
            }
        }
    }

    /// The one in /tmp; that in the home goes with the home.
    func removeSocketFolder() throws(LocalBankError) {
        if Folders.isPrivate(socketFolder, owner: user) { try Folders.removeAll(socketFolder) }
    }

    /// Whether there is a data folder that this installation can use.
    ///
    /// - Throws: `LocalBankError.Code.postgresVersion`, `.homeUnusable`.
    private func hasData() throws(LocalBankError) -> Bool {
        let names = Set(Files.names(in: home.dataFolder))
        if let version = dataVersion, let installation {
            guard version == installation.majorVersion else {
                throw LocalBankError(
                    .postgresVersion,
                    "the data in \(home.dataFolder) is of PostgreSQL \(version), and "
                        + "\(installation.binFolder) is PostgreSQL \(installation.majorVersion)",
                    advice: "install PostgreSQL \(version) and set TELLER_PG_BIN to its bin "
                        + "folder, or delete the data with teller down --purge",
                    part: Part(.postgreSQL))
            }
            // Without these it is what an interrupted deletion left. By their names: a link to a disk
            // that is not mounted is no reason to delete the rest.
            if names.isSuperset(of: ["global", "base", "pg_wal"]),
                Files.names(in: "\(home.dataFolder)/global").contains("pg_control")
            {
                return true
            }
        }
        guard names.isEmpty else {
            throw LocalBankError(
                .homeUnusable, "\(home.dataFolder) is not empty and not a whole data folder",
                advice:
                    "if a purge was interrupted, finish it with 'teller down --purge'; else move "
                    + "the folder away, or set TELLER_HOME to another", part: Part(.postgreSQL))
        }
        return false
    }

    /// Runs initdb. The data folder is there whole or not at all: it is made under another name.
    func create() async throws {
        let folder = "\(home.dataFolder).new"
        try Folders.removeAll(folder)
        // The C locale, because it is on every machine and an update of the system's collations
        // cannot change the order in an index.
        let initdb = try await command(
            "initdb",
            [
                "--pgdata", folder, "--username", "postgres", "--encoding", "UTF8",
                "--locale", "C", "--data-checksums", "--auth-local", "trust",
                "--auth-host", "reject",
            ])
        do {
            let outcome = try await initdb.run(within: .seconds(120))
            guard outcome.succeeded else {
                throw LocalBankError(
                    .postgresFailed, "initdb could not make \(home.dataFolder)",
                    advice: "see its last lines", part: Part(.postgreSQL),
                    logTail: outcome.lastLines(10))
            }
        } catch {
            try? Folders.removeAll(folder)
            throw error
        }
        try home.writing(home.dataFolder) { try Files.move(folder, to: home.dataFolder) }
    }

    /// Writes the settings, which postgresql.conf includes. What the user sets with ALTER SYSTEM
    /// comes after them and wins.
    private func writeSettings(client: SystemUser?) throws {
        func write(_ name: String, _ text: String) throws {
            try Files.replace("\(home.dataFolder)/\(name)", with: "\(text)\n", owner: user)
        }
        let file = { (name: String) in "\(home.dataFolder)/teller.\(name).conf" }
        // fsync, synchronous_commit and full_page_writes stay on, as PostgreSQL has them.
        var settings = """
            # Written at each start by teller. To change a setting use ALTER SYSTEM.
            listen_addresses = ''
            unix_socket_directories = '"\(socketFolder)"'
            unix_socket_permissions = \(client == nil ? "0700" : "0777")
            port = \(Self.port)
            max_connections = 200
            shared_buffers = 128MB
            log_line_prefix = '%m [%p] %q%u@%d '
            # What would follow quotes rows, with names and amounts.
            log_error_verbosity = terse
            log_timezone = 'UTC'
            """
        if let client {
            // Who may connect as whom, where it is not enough to reach the socket.
            let hosts = """
                # Written at each start by teller.
                local all all peer map=teller
                local replication postgres peer map=teller
                """
            let users = ["root", user.name].flatMap { name in
                (["postgres"] + LocalBank.tierRoles).map { "teller \(name) \($0)" }
            }
            let clients = LocalBank.tierRoles.map { "teller \(client.name) \($0)" }
            try write("teller.hba.conf", hosts)
            try write("teller.ident.conf", (users + clients).joined(separator: "\n"))
            settings += "\nhba_file = '\(file("hba"))'\nident_file = '\(file("ident"))'"
        }
        try write("teller.conf", settings)
        let include = "include_if_exists = 'teller.conf'"
        guard let text = Files.text(of: "\(home.dataFolder)/postgresql.conf") else {
            throw Files.Failure()
        }
        if !text.split(separator: "\n").contains(where: { $0 == include }) {
            try write("postgresql.conf", "\(text)\n\(include)")
        }
    }
}
