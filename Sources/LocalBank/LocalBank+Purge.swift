#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

extension LocalBank {
    /// Deletes the data, the logs and what else the bank had.
    ///
    /// They are put aside first, each in one step, and deleted then: whenever this is interrupted, what
    /// is left is a bank or none, and the next `up` or `down` deletes what was put aside.
    ///
    /// - Parameter kept: the database elsewhere, which is not this bank's to delete.
    func purge(kept: String?, _ onProgress: @Sendable (Step) -> Void) throws(LocalBankError) {
        let work = Step.Work.purge(hadData: Files.exists(home.dataFolder), kept: kept)
        onProgress(.began(work))
        let began = ContinuousClock.now
        if let postgres = try? PrivatePostgres(home) { try postgres.removeSocketFolder() }
        for user in [SystemUser.current, SystemUser(named: TierUser.name)].compactMap({ $0 }) {
            let sockets = home.socketFolder(for: user)
            if Folders.isPrivate(sockets, owner: user) { try Folders.removeAll(sockets) }
        }
        // Only what this made is deleted: the one of an earlier purge is gone by now.
        guard mkdir(home.purgedFolder, 0o700) == 0 else {
            throw LocalBankError(
                .homeUnusable, "cannot make \(home.purgedFolder): \(Host.message())",
                advice: "if it is there, delete it by hand")
        }
        // The lock stays: this call holds it.
        for folder in [home.postgresFolder, home.runFolder, home.logFolder] {
            let aside = "\(home.purgedFolder)/\(BankHome.name(of: folder))"
            // A file system of its own cannot be put aside.
            if rename(folder, aside) != 0, errno != ENOENT { try Folders.removeAll(folder) }
        }
        try finishPurge()
        onProgress(.finished(work, address: nil, took: ContinuousClock.now - began))
    }

    /// Deletes what a purge that was interrupted had put aside.
    func finishPurge() throws(LocalBankError) {
        if home.hasPurged { try Folders.removeAll(home.purgedFolder) }
    }
}
