/// One call of `up`: what it found, what it has started.
struct Startup {
    let bank: LocalBank
    let options: UpOptions
    let database: Database
    /// Nothing of the bank ran before.
    let isFresh: Bool
    var supervisor: Supervisor

    var home: BankHome { bank.home }
    var external: DatabaseAddress? {
        if case .elsewhere(let address) = database { address } else { nil }
    }

    /// - Parameter orphans: what runs without a place in what was found: PostgreSQL, or nothing.
    init(
        _ bank: LocalBank, _ found: BankState?, orphans: [BankState.Process],
        _ options: UpOptions, _ report: @escaping @Sendable (Step) -> Void
    ) async throws {
        self.bank = bank
        self.options = options
        let external = options.databaseURL.map { DatabaseAddress($0) }
        var state: BankState
        if let found, found.processes.contains(where: \.identity.isAlive) {
            isFresh = false
            state = found
            try Self.check(options, external, agreeWith: found)
        } else {
            isFresh = true
            state = BankState(
                externalDatabase: external?.shown, copies: options.copies ?? 1,
                port: options.port ?? 8080)
        }
        if state.externalDatabase == nil {
            for orphan in orphans { state[orphan.part] = orphan }
            let postgres = PrivatePostgres(bank.home)
            database = .own(PrivatePostgres(bank.home, try await postgres.installed()))
        } else {
            database = .elsewhere(external)
        }
        let list = bank.processes(copies: state.copies, database)
        for part in list.map(\.part) where part.tier != .postgreSQL {
            _ = try bank.program(of: part.tier)
        }
        supervisor = Supervisor(bank.home, list, state: state, report)
        supervisor.readyTimeout = options.readyTimeout
    }

    mutating func run() async throws -> RunningBank {
        if !supervisor.state.isRunning(Part(.bankServer)) {
            try Host.checkPort(supervisor.state.serverPort)
        }
        if isFresh { try await chooseTierUser() }
        try supervisor.state.save(home)
        try makeTierFolder()
        try await supervisor.start(.postgreSQL)
        try await database.own?.createDatabase()
        try await migrate()
        if isFresh { try makeCertificates() }
        for tier in Tier.allCases where tier != .postgreSQL { try await supervisor.start(tier) }
        try supervisor.state.save(home)
        return result()
    }

    /// Stops what this call has started.
    func rollBack() async {
        // Of a repair the dead parts stay too: `status` shows them.
        if await supervisor.rollBack(), isFresh { try? Folders.removeAll(home.stateFile) }
    }

    func makeTierFolder() throws(LocalBankError) {
        try home.writing(home.tierFolder) {
            let owner = supervisor.state.tierUser?.user ?? .current
            try Folders.make(home.tierFolder, mode: 0o700, owner: owner)
            let sockets = home.socketFolder(for: owner)
            if sockets != home.tierFolder { try Folders.makePrivate(sockets, owner: owner) }
        }
    }

    private func result() -> RunningBank {
        let (state, started) = (supervisor.state, supervisor.started)
        let server = state[Part(.bankServer)]?.address ?? ""
        return RunningBank(
            outcome: isFresh ? .started : started.isEmpty ? .alreadyUp : .repaired(started),
            serverURL: "http://\(server)",
            database: state.externalDatabase ?? database.own?.url(role: LocalBank.appRole) ?? "",
            processes: supervisor.list.compactMap { state[$0.part] })
    }

    private static func check(
        _ options: UpOptions, _ external: DatabaseAddress?, agreeWith found: BankState
    ) throws(LocalBankError) {
        var differences: [String] = []
        if let copies = options.copies, copies != found.copies {
            differences.append("with \(found.copies) balance-services")
        }
        if let port = options.port, port != 0, port != found.port {
            differences.append("on port \(found.port)")
        }
        if let shown = external?.shown, shown != found.externalDatabase {
            differences.append("on \(found.externalDatabase ?? "a private PostgreSQL")")
        }
        guard differences.isEmpty else {
            throw LocalBankError(
                .upDifferently,
                "the bank is up already \(differences.joined(separator: " and "))",
                advice: "stop it with 'teller down' first")
        }
    }
}
