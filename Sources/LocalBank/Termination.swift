#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

extension BankState.Process {
    /// A tier drains for 10 s at most after SIGTERM.
    static let drainTimeout = Duration.seconds(12)

    /// Asks the process to drain and end; kills it, and what it started, when it has not ended
    /// within the bound.
    ///
    /// - Throws: `LocalBankError.Code.stillRunning`; `CancellationError`.
    func terminate(within bound: Duration = drainTimeout) async throws -> Step.Stop {
        guard identity.isAlive else { return .wasDead }
        identity.signal(SIGTERM)
        if try await hasEnded(within: bound) { return .drained }
        identity.signal(SIGKILL, toGroup: true)
        if try await hasEnded(within: .seconds(5)) { return .killed }
        throw LocalBankError(
            .stillRunning, "\(part) (pid \(identity.pid)) does not end, not even by SIGKILL",
            advice: "see what it waits for with: ps -o pid,stat,wchan \(identity.pid)", part: part,
            logPath: logPath)
    }

    private func hasEnded(within bound: Duration) async throws -> Bool {
        let deadline = ContinuousClock.now + bound
        while identity.isAlive {
            guard ContinuousClock.now < deadline else { return false }
            try await Task.sleep(for: .milliseconds(10))
        }
        return true
    }
}
