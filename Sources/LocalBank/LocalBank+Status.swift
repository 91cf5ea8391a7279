extension LocalBank {
    /// What a home says of a bank of its own.
    public enum Presence: Sendable, Equatable {
        /// None was started here, or it was purged.
        case none
        /// There is one, and its bank-server does not run.
        case down
        case up(serverURL: String)
    }

    /// Looks for a bank in the home: reads one small file, and asks nobody.
    ///
    /// - Throws: `LocalBankError` for a state that cannot be read: there may be a bank.
    public func presence() throws(LocalBankError) -> Presence {
        guard let state = try BankState.load(home) else {
            return home.hasData || Files.exists(home.logFolder) ? .down : .none
        }
        guard state.isRunning(Part(.bankServer)), let address = state[Part(.bankServer)]?.address
        else { return .down }
        return .up(serverURL: "http://\(address)")
    }

    /// Asks each process of the bank how it is, all at the same time and within 5 s.
    ///
    /// - Returns: PostgreSQL first; empty when the bank is not up.
    /// - Throws: `LocalBankError`; `CancellationError`.
    public func status() async throws -> [ProcessStatus] {
        guard let state = try await found().state else { return [] }
        let supervisor = Supervisor(home, processes(of: state), state: state)
        return try await withThrowingTaskGroup(of: (Int, ProcessStatus).self) { group in
            for (index, process) in supervisor.list.enumerated() {
                group.addTask { (index, try await supervisor.status(of: process)) }
            }
            let found = try await group.reduce(into: []) { $0.append($1) }
            return found.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    /// The parts that still run, PostgreSQL last: what one has to know who interrupted `down`.
    public func runningParts() async throws -> [Part] {
        let (state, orphans) = try await found()
        let alive = ((state?.processes ?? []) + orphans).filter(\.identity.isAlive)
        return Supervisor(home, allProcesses).frontToBack(alive).map(\.part)
    }

    /// What runs of this bank, with what an `up` that was killed had not noted.
    ///
    /// - Returns: the state, nil when there is none; and the processes that it has no place for.
    func found() async throws -> (state: BankState?, orphans: [BankState.Process]) {
        var orphans = try await Supervisor(home, allProcesses).running()
        guard var state = try BankState.load(home) else { return (nil, orphans) }
        let parts = Set(processes(of: state).map(\.part))
        orphans.removeAll { orphan in
            if state.processes.contains(where: { $0.identity == orphan.identity }) { return true }
            guard parts.contains(orphan.part), !state.isRunning(orphan.part) else { return false }
            state[orphan.part] = orphan
            return true
        }
        return (state, orphans)
    }
}
