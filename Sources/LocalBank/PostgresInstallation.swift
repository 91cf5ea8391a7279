/// The programs of a PostgreSQL server on this machine.
struct PostgresInstallation: Sendable, Equatable {
    let binFolder: String
    let majorVersion: Int

    static let programs = ["initdb", "postgres", "psql"]

    func path(_ program: String) -> String { "\(binFolder)/\(program)" }

    /// Finds one, of the wanted major version where there are several.
    ///
    /// - Parameter wanted: of the data folder that is there, which no other version can read.
    /// - Throws: `LocalBankError.Code.postgresMissing`.
    static func find(wanted: Int?) async throws -> PostgresInstallation {
        if let given = Host.variable("TELLER_PG_BIN") {
            guard let version = try await version(in: given) else {
                throw LocalBankError(
                    .postgresMissing,
                    "TELLER_PG_BIN is \(given), which has not all of "
                        + programs.joined(separator: ", "),
                    advice: "set it to the bin folder of a PostgreSQL server")
            }
            return PostgresInstallation(binFolder: given, majorVersion: version)
        }
        var first: PostgresInstallation?
        for folder in try await candidates() {
            guard let version = try await version(in: folder) else { continue }
            let found = PostgresInstallation(binFolder: folder, majorVersion: version)
            if wanted == nil || wanted == version { return found }
            first = first ?? found
        }
        if let first { return first }
        throw LocalBankError(
            .postgresMissing, "there is no PostgreSQL server on this machine",
            advice: "install one (apt install postgresql, or brew install postgresql@17), "
                + "or use one elsewhere with --database")
    }

    /// nil when the folder does not have all programs.
    private static func version(in folder: String) async throws -> Int? {
        guard programs.allSatisfy({ Files.isExecutable("\(folder)/\($0)") }) else { return nil }
        let outcome = try await Command(
            program: "\(folder)/postgres", arguments: ["--version"]
        ).run(within: .seconds(10))
        // postgres (PostgreSQL) 15.8 (Debian 15.8-0+deb12u1)
        return outcome.output.after("(PostgreSQL) ").flatMap { Int($0.prefix { $0.isNumber }) }
    }

    private static func candidates() async throws -> [String] {
        let path = Host.searchPath
        var folders = path
        if let tool = path.map({ "\($0)/pg_config" }).first(where: Files.isExecutable) {
            let outcome = try await Command(
                program: tool, arguments: ["--bindir"],
                variables: ["PATH": path.joined(separator: ":")]
            ).run(within: .seconds(10))
            if outcome.succeeded { folders.append(outcome.output.trimmed) }
        }
        // Debian's and the PostgreSQL project's packages, then Homebrew's.
        folders += versioned("/usr/lib/postgresql", prefix: "")
        folders += versioned("/usr", prefix: "pgsql-")
        for root in ["/opt/homebrew/opt", "/usr/local/opt"] {
            folders += versioned(root, prefix: "postgresql@") + ["\(root)/postgresql/bin"]
        }
        return folders
    }

    /// `root/<prefix><version>/bin`, the newest first.
    private static func versioned(_ root: String, prefix: String) -> [String] {
        Files.names(in: root)
            .compactMap { $0.hasPrefix(prefix) ? Int($0.dropFirst(prefix.count)) : nil }
            .sorted(by: >).map { "\(root)/\(prefix)\($0)/bin" }
    }
}
