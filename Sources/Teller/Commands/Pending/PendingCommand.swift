import ArgumentParser

/// `teller pending`.
struct PendingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pending",
        abstract: "List what was asked of a bank and has no known outcome.",
        discussion: """
            It is read from this client's journal, XDG_STATE_HOME/teller/journal or else \
            ~/.local/state/teller/journal, without asking a bank. 'teller resume' settles it.

            --output json prints an array of objects with attempt, ledger, server, time and \
            write, the request as it is asked.
            """)

    @Option(help: "What to print: table or json.")
    var output: OutputFormat = .table

    func run() async throws {
        let journal = try Journal.standard()
        let (writes, damage) = try await journal.pending()
        for line in damage { StandardStreams.complain(line.warning(journal)) }
        let view = PendingView(writes: writes)
        let terminal = Terminal.standardOutput()
        try StandardStreams.write(output == .json ? try view.json() : view.table(on: terminal))
    }
}

extension JournalDamage {
    /// For standard error.
    func warning(_ journal: Journal) -> String {
        let what =
            isUnfinished
            ? "breaks off: a teller was stopped there, and sent nothing of it"
            : "cannot be read and is passed over"
        return "teller: line \(line) of the journal \(journal.path) \(what)".printable
    }
}
