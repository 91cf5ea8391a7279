extension Journal {
    /// - Throws: when lines could not be read, so that no script takes the rest for all there is.
    func checkWhole(_ damage: [JournalDamage]) throws(TellerError) {
        guard !damage.isEmpty else { return }
        throw TellerError(
            .dataError,
            damage.count == 1
                ? "a line of the journal \(path) may have been sent, and cannot be read"
                : "\(damage.count) lines of the journal \(path) may have been sent, and cannot be "
                    + "read",
            advice: "look for what is missing with 'teller statement'; a line that is taken out of "
                + "the file is not looked at again")
    }
}
