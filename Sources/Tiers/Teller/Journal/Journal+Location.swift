import Chain

extension Journal {
    /// This user's journal, in the state folder of the XDG Base Directory Specification.
    ///
    /// - Throws: when there is neither `XDG_STATE_HOME` nor `HOME`.
    static func standard() throws(TellerError) -> Journal {
        if let state = Environment.value("XDG_STATE_HOME"), state.utf8.first == UInt8(ascii: "/") {
            return Journal(path: "\(state)/teller/journal")
        }
        guard let home = Environment.value("HOME"), home.utf8.first == UInt8(ascii: "/") else {
            throw TellerError(
                .cannotCreate, "there is no place for the journal: HOME is not set",
                advice: "set XDG_STATE_HOME to a folder that you can write to")
        }
        return Journal(path: "\(home)/.local/state/teller/journal")
    }
}
