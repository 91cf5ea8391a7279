extension Supervisor {
    /// Ends processes front to back, the copies of a tier at the same time.
    ///
    /// - Returns: how each ended, in that order.
    /// - Throws: `LocalBankError.Code.stillRunning`; `CancellationError`.
    func end(_ processes: [BankState.Process]) async throws -> [(part: Part, stop: Step.Stop)] {
        var ended: [(part: Part, stop: Step.Stop)] = []
        var rest = frontToBack(processes)[...]
        while let next = rest.first {
            let copies = rest.prefix { $0.part.tier == next.part.tier }
            rest = rest.dropFirst(copies.count)
            ended += try await withThrowingTaskGroup(of: (Part, Step.Stop).self) { group in
                for process in copies {
                    report(.began(.stop(process.part)))
                    group.addTask { (process.part, try await end(process)) }
                }
                var stops: [(part: Part, stop: Step.Stop)] = []
                for try await (part, stop) in group {
                    report(.stopped(part, stop))
                    stops.append((part: part, stop: stop))
                }
                return stops.sorted { $0.part.copy < $1.part.copy }
            }
        }
        return ended
    }

    func frontToBack(_ processes: [BankState.Process]) -> [BankState.Process] {
        func place(_ part: Part) -> Int {
            // One of another version, which the list does not have, may ask any of these.
            list.firstIndex { $0.part.tier == part.tier } ?? list.count
        }
        return processes.sorted {
            (place($1.part), $0.part.copy) < (place($0.part), $1.part.copy)
        }
    }

    /// Asks a process to end, and makes it when it has not ended within the bound.
    private func end(_ process: BankState.Process) async throws -> Step.Stop {
        let (part, identity) = (process.part, process.identity)
        guard identity.isAlive else { return .wasDead }
        let endings =
            list.first { $0.part.tier == part.tier }?.endings ?? ProcessDescription.serverEndings
        for (index, ending) in endings.enumerated() {
            identity.signal(ending.signal)
            let deadline = ContinuousClock.now + ending.bound
            while identity.isAlive, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(10))
            }
            if !identity.isAlive { return index == 0 ? .drained : .killed }
        }
        let last = endings.last.map { "\($0.signal)" } ?? "a signal"
        throw LocalBankError(
            .stillRunning, "\(part) (pid \(identity.pid)) does not end, not even by \(last)",
            advice: "see what it waits for with: ps -o pid,stat,wchan \(identity.pid)", part: part,
            logPath: process.logPath)
    }

    /// Ends what was started, front to back. What cannot be ended stays in the state, so that `down`
    /// tries again.
    ///
    /// - Returns: whether all has ended.
    func rollBack() async -> Bool {
        if !started.isEmpty { report(.rollingBack(started.reversed())) }
        var isClean = true
        for process in started.reversed().compactMap({ state[$0] }) {
            do {
                report(.stopped(process.part, try await end(process)))
            } catch {
                isClean = false
            }
        }
        return isClean
    }
}
