extension LocalBank {
    /// Stops the bank front to back: the bank-server, the balance-services, PostgreSQL.
    ///
    /// Each of the tiers has 12 s to drain, then it is killed. Stopping a bank that is not up does
    /// nothing.
    ///
    /// - Parameter purge: deletes the data, the logs and the state after all is stopped.
    /// - Returns: how each part ended, in the order they were stopped.
    /// - Throws: `LocalBankError`; `CancellationError`, after which `down` can be repeated.
    @discardableResult
    public func down(
        purge: Bool = false, onProgress: @escaping @Sendable (Step) -> Void = { _ in }
    ) async throws -> [(part: Part, stop: Step.Stop)] {
        guard Files.exists(home.path) else { return [] }
        let lock = try BankLock(home)
        defer { withExtendedLifetime(lock) {} }
        try finishPurge()
        let (state, orphans) = try await found()
        let processes = (state?.processes ?? []) + orphans
        var stopped: [(part: Part, stop: Step.Stop)] = []
        for tier in [Tier.bankServer, .balanceService] {
            let copies = processes.filter { $0.part.tier == tier }
            stopped += try await Self.stop(copies, onProgress)
        }
        if let stop = try await stopPostgres(processes, onProgress) {
            stopped.append((part: Part(.postgreSQL), stop: stop))
        }
        try Folders.removeAll(home.stateFile)
        if purge { try self.purge(kept: state?.externalDatabase, onProgress) }
        return stopped
    }

    /// The parts that still run, PostgreSQL last: what one has to know who interrupted `down`.
    public func runningParts() async throws -> [Part] {
        let (state, orphans) = try await found()
        let alive = ((state?.processes ?? []) + orphans).filter(\.identity.isAlive).map(\.part)
        let tiers = [Tier.bankServer, .balanceService].flatMap { tier in
            alive.filter { $0.tier == tier }.sorted { $0.copy < $1.copy }
        }
        let postgres = try? PrivatePostgres(home).running()
        return tiers + (postgres == nil ? [] : [Part(.postgreSQL)])
    }

    /// Stops the copies of a tier at the same time.
    private static func stop(
        _ copies: [BankState.Process], _ onProgress: @escaping @Sendable (Step) -> Void
    ) async throws -> [(part: Part, stop: Step.Stop)] {
        try await withThrowingTaskGroup(of: (Part, Step.Stop).self) { group in
            for process in copies {
                onProgress(.began(.stop(process.part)))
                group.addTask { (process.part, try await process.terminate()) }
            }
            var stopped: [(part: Part, stop: Step.Stop)] = []
            for try await (part, stop) in group {
                onProgress(.stopped(part, stop))
                stopped.append((part: part, stop: stop))
            }
            return stopped.sorted { $0.part.copy < $1.part.copy }
        }
    }

    private func stopPostgres(
        _ processes: [BankState.Process], _ onProgress: @escaping @Sendable (Step) -> Void
    ) async throws -> Step.Stop? {
        let part = Part(.postgreSQL)
        let wasStarted = processes.contains { $0.part == part }
        guard Files.exists(home.dataFolder) else { return wasStarted ? .wasDead : nil }
        let postgres = try PrivatePostgres(home)
        guard postgres.running() != nil else {
            if wasStarted { onProgress(.stopped(part, .wasDead)) }
            return wasStarted ? .wasDead : nil
        }
        onProgress(.began(.stop(part)))
        let installation = try await PostgresInstallation.find(wanted: postgres.dataVersion())
        let stop = try await postgres.stop(installation)
        onProgress(.stopped(part, stop))
        return stop
    }
}
