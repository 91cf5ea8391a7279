extension Startup {
    mutating func bringUp(_ postgres: PrivatePostgres) async throws {
        let part = postgres.part
        let installation = try await PostgresInstallation.find(wanted: postgres.dataVersion())
        self.installation = installation
        try postgres.makeFolders()
        if let identity = postgres.running() {
            // Also one that an `up` had started which was itself killed.
            record(part, identity, address: postgres.socketFolder)
            try await wait(for: postgres, identity, installation)
            report(.alreadyRunning(part))
        } else {
            if try !postgres.checkData(installation) {
                try await timed(.createDataFolder(home.dataFolder)) {
                    try await postgres.create(installation)
                    return nil
                }
            }
            LogTail.rotateIfLarge(postgres.logPath)
            started.append(part)
            var identity: ProcessIdentity?
            try await timed(.start(part)) {
                let started = try await postgres.start(installation)
                identity = started
                try await wait(for: postgres, started, installation)
                return postgres.socketFolder
            }
            if let identity { record(part, identity, address: postgres.socketFolder) }
        }
        try state.save(home)
        try await postgres.createDatabase(installation)
    }

    /// Waits as long as it recovers: how long that takes depends on what it has to do again.
    private func wait(
        for postgres: PrivatePostgres, _ identity: ProcessIdentity,
        _ installation: PostgresInstallation
    ) async throws {
        var deadline = ContinuousClock.now + .seconds(60)
        var waiting = Waiting()
        while true {
            switch try await postgres.readiness(installation) {
            case .ready: return
            case .refuses(let words):
                guard goesOn(&waiting, postgres.part, says: words) else {
                    throw notReady(postgres.part, identity)
                }
                deadline = .now + .seconds(60)
            case .silent: break
            }
            guard identity.isAlive else { throw postgres.failedToStart() }
            guard ContinuousClock.now < deadline else { throw notReady(postgres.part, identity) }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    mutating func bringUpServices() async throws {
        var waiting: [(TierProcess, BankState.Process, logStart: Int)] = []
        for copy in 1...max(state.copies, 1) {
            let part = Part(.balanceService, copy: copy)
            if let running = state[part], running.identity.isAlive {
                try await keep(running)
                continue
            }
            // Where it was, because the bank-server knows it there.
            let process = contract.balanceService(
                copy: copy, listen: state[part]?.address,
                database: try database(role: TierContract.appRole, asRole: TierContract.appRole))
            report(.began(.start(part)))
            let logStart = LogTail.sizeBytes(process.logPath)
            waiting.append((process, try launch(process), logStart))
        }
        for (process, record, logStart) in waiting {
            try await finish(process, record, logStart)
        }
    }

    mutating func bringUpServer() async throws {
        if let running = state[Part(.bankServer)], running.identity.isAlive {
            return try await keep(running)
        }
        let services = state.parts.filter { $0.tier == .balanceService }
            .compactMap { state[$0]?.address }
        let process = contract.bankServer(listen: "127.0.0.1:\(serverPort)", services: services)
        report(.began(.start(process.part)))
        let logStart = LogTail.sizeBytes(process.logPath)
        try await finish(process, try launch(process), logStart)
    }

    private mutating func launch(_ process: TierProcess) throws -> BankState.Process {
        let record = try process.spawn()
        started.append(process.part)
        state[process.part] = record
        // At once: whatever becomes of this command, `down` knows of the process.
        try state.save(home)
        return record
    }

    private mutating func finish(
        _ process: TierProcess, _ record: BankState.Process, _ logStart: Int
    ) async throws {
        let began = ContinuousClock.now
        let address = try await process.waitUntilReady(record, logStart: logStart)
        state[process.part]?.address = address
        try state.save(home)
        report(
            .finished(.start(process.part), address: address, took: ContinuousClock.now - began))
    }

    private mutating func keep(_ running: BankState.Process) async throws {
        let probe = contract.probe(running.part)
        do {
            state[running.part]?.address = try await probe.waitUntilReady(
                running, logStart: LogTail.offset(running.logPath, ofLast: 10))
        } catch let error as LocalBankError where error.code == .notReady {
            throw notReady(running.part, running.identity)
        }
        report(.alreadyRunning(running.part))
    }

    private mutating func record(_ part: Part, _ identity: ProcessIdentity, address: String) {
        let known = state[part]?.identity == identity ? state[part]?.startedAtSeconds : nil
        state[part] = BankState.Process(
            part: part, identity: identity, address: address, logPath: home.logFile(of: part),
            startedAtSeconds: known ?? Host.unixTimeSeconds)
    }

    private func notReady(_ part: Part, _ identity: ProcessIdentity) -> LocalBankError {
        let log = home.logFile(of: part)
        return LocalBankError(
            .notReady, "\(part) runs (pid \(identity.pid)) but is not ready",
            advice: "stop the bank with teller down and start it again", part: part,
            logTail: LogTail.lines(log, count: 10), logPath: log)
    }

    private func timed(_ work: Step.Work, _ body: () async throws -> String?) async throws {
        report(.began(work))
        let began = ContinuousClock.now
        let address = try await body()
        report(.finished(work, address: address, took: ContinuousClock.now - began))
    }
}
