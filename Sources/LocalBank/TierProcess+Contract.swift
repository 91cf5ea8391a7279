/// The command lines of the tiers.
struct TierContract: Sendable {
    let home: BankHome
    let executables: TierExecutables
    let logLevel: String?
    let readyTimeout: Duration

    /// What the database is reached with.
    struct Database: Sendable {
        let url: String
        /// The role that the service takes once it is connected; nil when it connects as it.
        let role: String?
        /// The PG… variables of libpq are the user's, for the user's own database only.
        let inheritsLibpqVariables: Bool
    }

    static let appRole = "teller_app"

    func balanceService(copy: Int, listen: String, database: Database) -> TierProcess {
        var arguments = ["serve", "--listen", listen]
        if let role = database.role { arguments += ["--database-role", role] }
        if let logLevel { arguments += ["--log-level", logLevel] }
        return process(
            Part(.balanceService, copy: copy), executables.balanceService, arguments,
            environment(database))
    }

    func bankServer(listen: String, services: [String]) -> TierProcess {
        let arguments =
            ["--listen", listen] + services.flatMap { ["--balance-service", $0] }
        return process(Part(.bankServer), executables.bankServer, arguments, environment(nil))
    }

    func migration(demo: Bool, database: Database) -> Command {
        Command(
            executable: executables.balanceService,
            arguments: ["migrate"] + (demo ? ["--demo"] : []),
            environment: environment(database), timeout: .seconds(120))
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
            home: home, readyTimeout: readyTimeout)
    }

    /// The caller's environment, and the database only for a process that connects to it.
    private func environment(_ database: Database?) -> Variables {
        var variables = Variables.own()
        if database?.inheritsLibpqVariables != true { variables.removeAll(withPrefix: "PG") }
        variables.removeAll(withPrefix: "DATABASE_")
        variables["DATABASE_URL"] = database?.url
        if let logLevel { variables["LOG_LEVEL"] = logLevel }
        return variables
    }
}
