extension Journal {
    /// This user's journal.
    ///
    /// - Throws: when there is neither `XDG_STATE_HOME` nor `HOME`.
    static func standard() throws(TellerError) -> Journal {
        guard let path = StateFolder.path(of: "journal") else {
            throw TellerError(
                .cannotCreate, "there is no place for the journal: HOME is not set",
                advice: "set XDG_STATE_HOME to a folder that you can write to")
        }
        return Journal(path: path)
    }
}
