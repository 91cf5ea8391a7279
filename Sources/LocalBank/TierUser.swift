/// The user that the tiers of root's bank run as, who can do nothing else.
struct TierUser: Codable, Sendable, Equatable {
    static let name = "teller"

    var user: SystemUser
    /// The programs are in a folder that this user cannot reach, root's own for example: root opens
    /// them, and the user runs what is open. Some versions of setpriv(1) find them even so.
    var handsOver: Bool

    /// The command line that runs a program as this user, by way of setpriv(1).
    ///
    /// - Parameter privilegedPort: it may listen on a port below 1024, as root could.
    func words(_ executable: String, _ arguments: [String], privilegedPort: Bool = false)
        -> [String]
    {
        let change = user.change(
            privilegedPort
                ? ["--inh-caps", "+net_bind_service", "--ambient-caps", "+net_bind_service"] : [])
        guard handsOver else { return change + [executable] + arguments }
        // Not $0 in its own words: a path may have any character.
        let script = "exec 3<\"$0\" && exec \"$@\""
        return ["/bin/sh", "-c", script, executable] + change + ["/proc/self/fd/3"] + arguments
    }

    /// Of root's variables only those that the tiers read: the others may be keys to what is root's.
    /// And not what they would say of the wrong user.
    func adapt(_ variables: inout Variables) {
        variables.keep(
            [
                "PATH", "LANG", "LANGUAGE", "TZ", "TZDIR", "LD_LIBRARY_PATH", "SSL_CERT_FILE",
                "SSL_CERT_DIR", "BALANCE_SERVICES", "LOG_LEVEL", "DEMO",
            ], prefixes: ["LC_", "PG", "DATABASE_", "BALANCE_SERVICE_", "BANK_SERVER_", "TELLER_"])
        for name in ["USER", "LOGNAME"] { variables[name] = user.name }
        variables["HOME"] = "/nonexistent"
    }
}

extension Startup {
    /// Finds the user for the tiers, or says why they stay root.
    mutating func chooseTierUser() async throws {
        guard Host.isRoot, let name = tierUserName else { return }
        switch try await tierUser(name) {
        case .success(let user): state.tierUser = user
        case .failure(let obstacle): report(.tiersStayRoot(because: obstacle.text))
        }
    }

    private struct Obstacle: Error {
        let text: String
    }

    private func tierUser(_ name: String) async throws -> Result<TierUser, Obstacle> {
        func obstacle(_ text: String) -> Result<TierUser, Obstacle> {
            .failure(Obstacle(text: text))
        }
        guard Files.isExecutable(SystemUser.setpriv) else {
            return obstacle("there is no setpriv(1)")
        }
        guard let user = SystemUser(named: name) else {
            return obstacle("there is no user \(name), whom scripts/setup makes")
        }
        // Debian and others give people the numbers from 1000.
        guard user.userID != 0, user.userID < 1000, user.userID != postgres?.user.userID else {
            return obstacle("the user \(name) is not one of the system's")
        }
        if let folder = Folders.obstacle(on: home.path, for: user) {
            return obstacle("the user \(name) cannot pass through \(folder)")
        }
        // What it runs with was settled when it started.
        if postgres?.running() != nil, found?.tierUser == nil {
            return obstacle("PostgreSQL runs already; after 'teller down' they need not")
        }
        for handsOver in [false, true] {
            let tierUser = TierUser(user: user, handsOver: handsOver)
            if try await canRun(tierUser) { return .success(tierUser) }
        }
        return obstacle("the user \(name) cannot run \(executables.bankServer)")
    }

    private func canRun(_ user: TierUser) async throws -> Bool {
        var variables = Variables.own()
        user.adapt(&variables)
        variables.removeAll(withPrefix: "PG")
        variables.removeAll(withPrefix: "DATABASE_")
        for executable in [executables.balanceService, executables.bankServer] {
            let words = user.words(executable, ["--help"])
            let outcome = try await Command(
                executable: words[0], arguments: Array(words.dropFirst()),
                environment: variables, timeout: .seconds(30)
            ).run()
            guard outcome.succeeded else { return false }
        }
        return true
    }
}
