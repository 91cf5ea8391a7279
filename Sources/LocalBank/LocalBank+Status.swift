extension LocalBank {
    /// Asks each process of the bank how it is, all at the same time and within 5 s.
    ///
    /// - Returns: PostgreSQL first; empty when the bank is not up.
    /// - Throws: `LocalBankError`; `CancellationError`.
    public func status() async throws -> [ProcessStatus] {
        guard let state = try await found().state else { return [] }
        return try await withThrowingTaskGroup(of: (Int, ProcessStatus).self) { group in
            for (index, part) in state.parts.enumerated() {
                group.addTask { (index, try await status(part, state[part])) }
            }
            var found: [(Int, ProcessStatus)] = []
            for try await status in group { found.append(status) }
            return found.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func status(
        _ part: Part, _ process: BankState.Process?
    ) async throws -> ProcessStatus {
        guard let process, process.identity.isAlive else {
            return ProcessStatus(
                part: part, pid: process?.identity.pid, address: process?.address, state: .dead,
                uptime: nil, logPath: home.logFile(of: part))
        }
        let seconds = max(0, Host.unixTimeSeconds - process.startedAtSeconds)
        return ProcessStatus(
            part: part, pid: process.identity.pid, address: process.address,
            state: try await isReady(process) ? .ready : .notReady, uptime: .seconds(seconds),
            logPath: process.logPath)
    }

    private func isReady(_ process: BankState.Process) async throws -> Bool {
        guard let address = process.address else { return false }
        if process.part.tier == .postgreSQL {
            let postgres = try PrivatePostgres(home)
            let installation = try await PostgresInstallation.find(wanted: postgres.dataVersion())
            return try await postgres.readiness(installation) == .ready
        }
        let contract = TierContract(
            home: home, executables: try tierExecutables(), logLevel: nil,
            readyTimeout: .seconds(3))
        return try await contract.probe(process.part).isHealthy(address)
    }
}
