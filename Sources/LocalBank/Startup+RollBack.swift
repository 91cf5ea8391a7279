extension Startup {
    /// Stops what this call has started, front to back. What cannot be stopped stays in the state,
    /// so that `down` tries again.
    func rollBack() async {
        if !started.isEmpty { report(.rollingBack(started.reversed())) }
        var isClean = true
        for part in started.reversed() {
            do {
                report(.stopped(part, try await stop(part)))
            } catch {
                isClean = false
            }
        }
        // Of a repair the dead parts stay too: `status` shows them.
        if isFresh, isClean { try? Folders.removeAll(home.stateFile) }
    }

    private func stop(_ part: Part) async throws -> Step.Stop {
        if part.tier == .postgreSQL {
            guard let postgres, let installation else { return .wasDead }
            // pg_ctl may have been ended between starting the server and hearing from it.
            for _ in 0..<200 where postgres.running() == nil && state[part] == nil {
                try await Task.sleep(for: .milliseconds(10))
            }
            return try await postgres.stop(installation)
        }
        guard let process = state[part] else { return .wasDead }
        // Nobody uses it yet, so there is little to drain.
        return try await process.terminate(within: .seconds(5))
    }
}
