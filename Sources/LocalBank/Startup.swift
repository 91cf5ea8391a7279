/// One call of `up`: what it found, what it has started.
struct Startup {
    let home: BankHome
    let options: UpOptions
    let executables: TierExecutables
    let tierUserName: String?
    let found: BankState?
    let external: DatabaseAddress?
    let report: @Sendable (Step) -> Void
    /// Nothing of the bank ran before.
    let isFresh: Bool

    var state: BankState
    var postgres: PrivatePostgres?
    var installation: PostgresInstallation?
    /// In the order of their start.
    var started: [Part] = []

    init(
        _ bank: LocalBank, _ found: BankState?, _ options: UpOptions,
        _ report: @escaping @Sendable (Step) -> Void
    ) throws(LocalBankError) {
        home = bank.home
        self.options = options
        self.report = report
        external = options.databaseURL.map { DatabaseAddress($0) }
        executables = try bank.tierExecutables()
        tierUserName = bank.tierUserName
        self.found = found
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
        if state.externalDatabase == nil { postgres = try PrivatePostgres(bank.home) }
    }

    mutating func run() async throws -> RunningBank {
        let server = state[Part(.bankServer)]
        if server?.identity.isAlive != true { try PortCheck.check(serverPort) }
        if isFresh { try await chooseTierUser() }
        try state.save(home)
        try makeTierFolder()
        postgres?.client = state.tierUser?.user
        if let postgres { try await bringUp(postgres) }
        try await migrate()
        try await bringUpServices()
        try await bringUpServer()
        try state.save(home)
        return try result()
    }

    func makeTierFolder() throws(LocalBankError) {
        do throws(Files.Failure) {
            let owner = state.tierUser?.user ?? .current
            try Folders.make(home.tierFolder, mode: 0o700, owner: owner)
            let sockets = home.socketFolder(for: state.tierUser?.user)
            if sockets != home.tierFolder { try Folders.makePrivate(sockets, owner: owner) }
        } catch {
            throw home.unusable(home.tierFolder, error)
        }
    }

    var contract: TierContract {
        TierContract(
            home: home, executables: executables, logLevel: options.logLevel,
            readyTimeout: options.readyTimeout, user: state.tierUser)
    }

    /// The port that the server has or had: the callers know it.
    var serverPort: Int {
        let known = state[Part(.bankServer)]?.address?.split(separator: ":").last
        return known.flatMap { Int($0) } ?? state.port
    }

    func database(role: String, asRole: String?) throws(LocalBankError) -> TierContract.Database {
        if let postgres {
            return TierContract.Database(
                url: postgres.url(role: role), role: nil, inheritsLibpqVariables: false)
        }
        guard let external else {
            let shown = state.externalDatabase ?? ""
            throw LocalBankError(
                .databaseNeeded, "a part that uses the database \(shown) has to be started",
                advice: "give its address again with --database: its password is not kept")
        }
        return TierContract.Database(
            url: external.url, role: asRole, inheritsLibpqVariables: true)
    }

    private func result() throws(LocalBankError) -> RunningBank {
        let processes = state.parts.compactMap { state[$0] }.map {
            RunningProcess(
                part: $0.part, pid: $0.identity.pid, address: $0.address ?? "",
                logPath: $0.logPath)
        }
        let outcome: RunningBank.Outcome =
            if isFresh {
                .started
            } else {
                started.isEmpty ? .alreadyUp : .repaired(started)
            }
        return RunningBank(
            outcome: outcome, serverURL: "http://\(state[Part(.bankServer)]?.address ?? "")",
            database: state.externalDatabase ?? postgres?.url(role: TierContract.appRole) ?? "",
            processes: processes)
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
