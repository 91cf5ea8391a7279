import ArgumentParser
import Ledger

/// `teller pending`.
struct PendingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pending",
        abstract: "List the requests whose outcome is not known.",
        discussion: """
            It is read from this client's journal, XDG_STATE_HOME/teller/journal or else \
            ~/.local/state/teller/journal, without asking a bank. 'teller resume' settles it.

            --forget removes from the list what can never be settled, since its bank is gone: \
            'teller resume' no longer sends it, and 'teller audit' does not check it. It may \
            have been done nevertheless.

            --output json prints an array of objects with attempt, ledger, server, time and \
            write, the request as it is sent.
            """)

    @Option(help: "What to print: table or json.")
    var output: OutputFormat = .table

    @Option(
        help: ArgumentHelp("Give up on the pending request with this id.", valueName: "uuid"))
    var forget: String?

    func validate() throws {
        _ = try forgottenID()
    }

    func run() async throws {
        let journal = try Journal.standard()
        if let id = try forgottenID() {
            return try await journal.whileSettling { steps, damage in
                for line in damage { StandardStreams.complain(line.warning(journal)) }
                let forgotten = try await journal.forget(id, steps)
                guard output == .table else {
                    return try output.print(PendingView(writes: forgotten))
                }
                try StandardStreams.write(forgotten.map(Self.farewell).joined())
            }
        }
        let (writes, damage) = try await journal.pending()
        for line in damage { StandardStreams.complain(line.warning(journal)) }
        try output.print(PendingView(writes: writes))
        try journal.checkWhole(damage)
    }

    private func forgottenID() throws -> Identifier? {
        guard let forget else { return nil }
        guard let id = Identifier(forget) else {
            throw ValidationError("--forget: an id is a UUID, such as \(Identifier.example)")
        }
        return id
    }

    private static func farewell(_ write: PendingWrites.Write) -> String {
        "Forgot \(write.intent.write.name), sent to \(write.intent.server.printable): it may or "
            + "may not have been done.\n"
    }
}

extension Journal {
    /// Gives up on what is pending under an id.
    ///
    /// - Returns: what that was.
    /// - Throws: when nothing is; when the journal does not take it.
    fileprivate func forget(
        _ id: Identifier, _ found: ResumeSteps
    ) async throws(TellerError) -> [PendingWrites.Write] {
        var steps = found
        guard case .note(let entries) = try steps.forget(id, at: .now) else { return [] }
        do throws(JournalFailure) {
            try await append(entries)
            return steps.writes
        } catch {
            throw TellerError(outcomeNotIn: self, error).said(after: "nothing was forgotten: ")
                .changed { $0.advice = "try again" }
        }
    }
}

extension JournalDamage {
    /// For standard error.
    func warning(_ journal: Journal) -> String {
        let what =
            isUnfinished
            ? "breaks off and is passed over: it may have been sent"
            : "cannot be read and is passed over: it may have been sent"
        return "teller: line \(line) of the journal \(journal.path) \(what)".printable
    }
}
