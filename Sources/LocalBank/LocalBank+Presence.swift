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
            let isThere = home.hasData || Files.exists(home.logFolder)
            return isThere ? .down : .none
        }
        guard let server = state[Part(.bankServer)], let address = server.address,
            server.identity.isAlive
        else { return .down }
        return .up(serverURL: "http://\(address)")
    }
}
