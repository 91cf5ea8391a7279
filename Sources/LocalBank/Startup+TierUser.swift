extension Startup {
    private struct Obstacle: Error {
        let text: String
    }

    /// Finds the user for the tiers, or says why they stay root.
    mutating func chooseTierUser() async throws {
        guard Host.isRoot, let name = bank.tierUserName else { return }
        do {
            supervisor.state.tierUser = try await tierUser(name)
        } catch let obstacle as Obstacle {
            supervisor.report(.tiersStayRoot(because: obstacle.text))
        }
    }

    private func tierUser(_ name: String) async throws -> ProcessUser {
        guard Files.isExecutable(ProcessUser.setpriv) else {
            throw Obstacle(text: "there is no setpriv(1)")
        }
        guard let user = SystemUser(named: name) else {
            throw Obstacle(text: "there is no user \(name), whom scripts/setup makes")
        }
        // Debian and others give people the numbers from 1000.
        guard user.userID != 0, user.userID < 1000, user.userID != database.own?.user.userID else {
            throw Obstacle(text: "the user \(name) is not one of the system's")
        }
        if let folder = Folders.obstacle(on: home.path, for: user) {
            throw Obstacle(text: "the user \(name) cannot pass through \(folder)")
        }
        // What it runs with was settled when it started.
        if supervisor.state.isRunning(Part(.postgreSQL)) {
            throw Obstacle(text: "PostgreSQL runs already; after 'teller down' they need not")
        }
        for handsOver in [false, true] {
            let tierUser = ProcessUser(user: user, handsOver: handsOver)
            if try await canRun(tierUser) { return tierUser }
        }
        let server = try bank.program(of: .bankServer)
        throw Obstacle(text: "the user \(name) cannot run \(server)")
    }

    private func canRun(_ user: ProcessUser) async throws -> Bool {
        var variables = try bank.variables(user: user)
        variables.removeAll(withPrefix: "PG")
        for tier in [Tier.balanceService, .bankServer] {
            let command = Command(
                program: try bank.program(of: tier), arguments: ["--help"], variables: variables,
                user: user)
            guard try await command.run(within: .seconds(30)).succeeded else { return false }
        }
        return true
    }
}
