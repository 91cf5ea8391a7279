extension LocalBank {
    /// Brings the bank up: PostgreSQL, migrations, the balance-services, the bank-server, each one
    /// ready before the next.
    ///
    /// Where a bank is up already, its parts that have died are started again and the others left
    /// alone. If a part does not come up, or the task is cancelled, what this call has started is
    /// stopped again.
    ///
    /// - Parameter onProgress: called as each step begins and ends, from one task at a time.
    /// - Throws: `LocalBankError`; `CancellationError`.
    public func up(
        _ options: UpOptions = UpOptions(), onProgress: @escaping @Sendable (Step) -> Void
    ) async throws -> RunningBank {
        try home.makeFolders()
        let lock = try BankLock(home)
        defer { withExtendedLifetime(lock) {} }
        try finishPurge()
        let (found, orphans) = try await found()
        // PostgreSQL is taken over as it is.
        if let orphan = orphans.first(where: { $0.part.tier != .postgreSQL }) {
            throw LocalBankError(
                .stillRunning,
                "\(orphan.part) (pid \(orphan.identity.pid)) of an earlier 'teller up' still runs",
                advice: "end it with 'teller down'", part: orphan.part)
        }
        var startup = try await Startup(self, found, orphans: orphans, options, onProgress)
        do {
            return try await startup.run()
        } catch {
            let failed = startup
            // The caller may have been cancelled, which must not cut the stopping short. Each
            // stop is bounded.
            await Task { await failed.rollBack() }.value
            throw (error as? LocalBankError)?.scrubbed(failed.external) ?? error
        }
    }
}
