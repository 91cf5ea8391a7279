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
        let stopped = try await Supervisor(home, allProcesses, onProgress).end(
            (state?.processes ?? []) + orphans)
        try Folders.removeAll(home.stateFile)
        if purge { try self.purge(kept: state?.externalDatabase, onProgress) }
        return stopped
    }

    /// Deletes the data, the logs and what else the bank had.
    ///
    /// They are put aside first, each in one step, and deleted then: whenever this is interrupted, what
    /// is left is a bank or none, and the next `up` or `down` deletes what was put aside.
    ///
    /// - Parameter kept: the database elsewhere, which is not this bank's to delete.
    private func purge(
        kept: String?, _ onProgress: @Sendable (Step) -> Void
    ) throws(LocalBankError) {
        let work = Step.Work.purge(hadData: Files.exists(home.dataFolder), kept: kept)
        onProgress(.began(work))
        let began = ContinuousClock.now
        try PrivatePostgres(home).removeSocketFolder()
        for user in [SystemUser.current, SystemUser(named: ProcessUser.name)].compactMap(\.self) {
            let sockets = home.socketFolder(for: user)
            if Folders.isPrivate(sockets, owner: user) { try Folders.removeAll(sockets) }
        }
        // Only what this made is deleted: the one of an earlier purge is gone by now.
        do throws(Files.Failure) {
            try Folders.makeNew(home.purgedFolder)
        } catch {
            throw LocalBankError(
                .homeUnusable, "cannot make \(home.purgedFolder): \(error)",
                advice: "if it is there, delete it by hand")
        }
        // The lock stays: this call holds it.
        // First the passwords: without them, people who are there get new ones.
        for folder in [
            home.demoUsersFile, home.postgresFolder, home.runFolder, home.certificateFolder,
            home.logFolder,
        ] {
            let aside = "\(home.purgedFolder)/\(Host.name(of: folder))"
            // A file system of its own cannot be put aside.
            do { try Files.move(folder, to: aside) } catch { try Folders.removeAll(folder) }
        }
        try finishPurge()
        onProgress(.finished(work, address: nil, took: ContinuousClock.now - began))
    }

    /// Deletes what a purge that was interrupted had put aside.
    func finishPurge() throws(LocalBankError) {
        if home.hasPurged { try Folders.removeAll(home.purgedFolder) }
    }
}
