/// The command lines of the tiers.
struct TierContract: Sendable {
    let home: BankHome
    let executables: TierExecutables
    let logLevel: String?
    let readyTimeout: Duration
    /// Nil: the tiers run as the user of this process.
    var user: TierUser?

    /// What the database is reached with.
    struct Database: Sendable {
        let url: String
        /// The role that the service takes once it is connected; nil when it connects as it.
        let role: String?
        /// The PG… variables of libpq are the user's, for the user's own database only.
        let inheritsLibpqVariables: Bool
    }

    static let appRole = "teller_app"

    /// - Parameter listen: nil for a socket of its own, which no other user can reach.
    func balanceService(copy: Int, listen: String?, database: Database) -> TierProcess {
        let socket = "unix:\(home.socketFolder(for: user?.user))/\(copy).sock"
        var arguments = ["serve", "--listen", listen ?? socket]
        if let role = database.role { arguments += ["--database-role", role] }
        if let logLevel { arguments += ["--log-level", logLevel] }
        return process(
            Part(.balanceService, copy: copy), executables.balanceService, arguments,
            environment(database, for: user))
    }

    func bankServer(listen: String, services: [String]) -> TierProcess {
        let arguments =
            ["--listen", listen] + services.flatMap { ["--balance-service", $0] }
        var server = process(
            Part(.bankServer), executables.bankServer, arguments, environment(nil, for: user))
        let port = listen.utf8.split(separator: UInt8(ascii: ":")).last.flatMap {
            Int(String(Substring($0)))
        }
        server.needsPrivilegedPort = (1..<1024).contains(port ?? 0)
        return server
    }

    func migration(demo: Bool, database: Database) -> Command {
        let arguments = ["migrate"] + (demo ? ["--demo"] : [])
        // A database elsewhere may know users by their names: it is asked as the service will.
        let user = database.inheritsLibpqVariables ? user : nil
        let words =
            user?.words(executables.balanceService, arguments)
            ?? [executables.balanceService] + arguments
        return Command(
            executable: words[0], arguments: Array(words.dropFirst()),
            environment: environment(database, for: user), timeout: .seconds(120))
    }

    /// For the health check of one that runs.
    func probe(_ part: Part) -> TierProcess {
        let isService = part.tier == .balanceService
        return process(
            part, isService ? executables.balanceService : executables.bankServer, [],
            environment(nil))
    }

    private func process(
        _ part: Part, _ executable: String, _ arguments: [String], _ environment: Variables
    ) -> TierProcess {
        TierProcess(
            part: part, executable: executable, arguments: arguments, environment: environment,
            user: user, home: home, readyTimeout: readyTimeout)
    }

    /// The caller's environment, and the database only for a process that connects to it.
    private func environment(_ database: Database?, for user: TierUser? = nil) -> Variables {
        var variables = Variables.own()
        if database?.inheritsLibpqVariables != true { variables.removeAll(withPrefix: "PG") }
        variables.removeAll(withPrefix: "DATABASE_")
        user?.adapt(&variables)
        variables["DATABASE_URL"] = database?.url
        if let logLevel { variables["LOG_LEVEL"] = logLevel }
        return variables
    }
}
