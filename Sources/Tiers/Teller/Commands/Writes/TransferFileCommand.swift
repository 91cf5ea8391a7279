import BankAPI
import Ledger

/// `teller transfer --file`.
struct TransferFileCommand: Sendable {
    static let discussion = """
        A --file is of JSON lines, objects whose members are texts: \
        {"amount":"12.50","from":"XB…","to":"XB…","memo":"rent"}. Or it is of comma-separated \
        values, with a first line that names the columns. There are amount, from, to, and \
        optionally memo, id and currency, which else is that of the account that pays.

        All lines are checked before any is sent. With --atomic a wrong line, or one that the bank \
        refuses, leaves all of them undone; else the others are done, in order, and each line's \
        outcome is shown: done, refused, unknown, not done or invalid. Once the bank does not \
        answer, no more is sent. --timeout is for each \(TransferBatch.limit) lines.

        The journal keeps which file was done at which ledger, by its SHA-256. The same file again, \
        unchanged, goes on where it stopped; where all of it was done, it says when. Nothing is done \
        twice, and what was refused stays refused. With --again all is done anew. A file that was \
        changed is another file. While one teller does a file, no other does it.

        The ids of lines without one count up from one that the run says first: the first line has \
        it, and each line below the next one, blank lines counted. --id gives it, as where the \
        journal is lost. Where the bank has another transfer under one of these ids, nothing is sent.

        Where some lines of an --atomic file were done before and others not, nothing is sent.

        --output json prints a JSON line for each line, with line, id, outcome, bank, server and, \
        of one done, transfer and repeated (when it was done before), else detail and the code of \
        a refusal.
        """

    var path: String
    var isAtomic: Bool
    /// Whether to do a file anew that was done before.
    var isAgain: Bool
    /// What the ids of lines without one count up from, as given; `nil` for that of the file's last run,
    /// or a new one.
    var base: Identifier?
    var output: OutputFormat
    var bank: BankOptions

    func run() async throws {
        let file = try await TransferFile.read(path)
        let base = base ?? .nowToCountFrom()
        let filled = try Self.fillIDs(of: file, from: base)
        // What is wrong is said before any hop, whichever ids it gets.
        if isAtomic { try checkAtomic(filled) }
        let bank = try await bank.journaled()
        try await bank.journal.whileDoing(file.sha256, at: bank.ledger) {
            let earlier =
                isAgain
                ? nil
                : try await bank.journal.lastRun(
                    of: file.sha256, at: bank.ledger, isCertain: self.base == nil)
            let found = self.base == nil ? earlier : nil
            if let given = self.base, let earlier, earlier.base != given {
                StandardStreams.complain(
                    "teller: this file was begun on \(earlier.time.forPeople) with --id "
                        + "\(earlier.base); with --id \(given) all of it is done anew")
            }
            let run = JournalledFile(
                sha256: file.sha256, ledger: bank.ledger, base: found?.base ?? base, time: .now)
            let again = try found.map { try Self.fillIDs(of: file, from: $0.base) }
            try await Interruption.trapping { interruption in
                try await send(
                    again ?? filled, run, found, isNew: run.base != earlier?.base, bank,
                    interruption)
            }
        }
    }

    /// - Parameters:
    ///   - earlier: the run that this one goes on with.
    ///   - isNew: whether the journal does not have this run yet.
    private func send(
        _ file: TransferFile, _ run: JournalledFile, _ earlier: JournalledFile?, isNew: Bool,
        _ bank: JournaledBank, _ interruption: Interruption
    ) async throws {
        let plan = try await interruption.cancelling(throwing: {
            [isAtomic] () throws(TellerError) in
            try await TransferPlan(file, isAtomic: isAtomic, client: bank.client)
        })
        if isAtomic, !plan.errors.isEmpty { throw Self.failure(plan.errors) }
        let isRepeated = base != nil || earlier != nil
        let recorded =
            isRepeated || isAtomic && file.hasIDs
            ? try await recorded(plan, run.base, isRepeated, bank, interruption) : nil
        if isNew {
            do throws(JournalFailure) {
                try await bank.journal.append([.file(run)])
            } catch {
                throw TellerError(nothingSent: error, bank.journal)
            }
        }
        if let earlier {
            StandardStreams.complain(
                plan.repetition.reminder(start: earlier.time, end: recorded?.end))
        } else if base == nil {
            StandardStreams.complain(plan.repetition.announcement)
        }
        try await TransferFileRun(
            plan: plan, bank: bank, isAtomic: isAtomic,
            view: LineOutcomeView(
                format: output, terminal: Terminal.standardOutput(),
                lastLine: file.lines.last?.number ?? 0, bank: bank.name,
                before: recorded?.done ?? []),
            progress: BatchProgress(
                terminal: Terminal.standardError(), isHidden: output == .json)
        ).run(interruption)
    }

    private static func fillIDs(
        of file: TransferFile, from base: Identifier
    ) throws(TellerError) -> TransferFile {
        var file = file
        guard !file.fillIDs(from: base) else { return file }
        throw TellerError(
            .usage, "--id: fewer ids follow it than the file has lines",
            advice: "nothing was sent")
    }

    /// Lines that were done before are looked at before any is sent, and before the journal has them.
    private func recorded(
        _ plan: TransferPlan, _ base: Identifier, _ isRepeated: Bool, _ bank: JournaledBank,
        _ interruption: Interruption
    ) async throws -> RecordedSteps {
        let recorded = try await interruption.cancelling(throwing: { () throws(TellerError) in
            try await RecordedSteps(plan, bank: bank)
        })
        if isRepeated { try recorded.checkFile(of: base) }
        if isAtomic { try recorded.checkGroup() }
        return recorded
    }

    /// What is wrong with a group is said before any hop.
    private func checkAtomic(_ file: TransferFile) throws {
        let errors = file.lines.compactMap { line -> TellerError? in
            guard case .failure(let error) = line.content else { return nil }
            return TransferPlan.error(error, line: line.number)
        }
        guard errors.isEmpty else { throw Self.failure(errors) }
        guard file.lines.count <= TransferBatch.limit else {
            throw TellerError(
                .dataError,
                "--atomic: at most \(TransferBatch.limit) transfers are done together, and the "
                    + "file has \(file.lines.count.grouped)", advice: "nothing was sent")
        }
    }

    /// The first errors, and how many more there are.
    private static func failure(_ errors: [TellerError]) -> CommandFailure {
        let shown = 20
        guard errors.count > shown else { return CommandFailure(errors: errors) }
        let rest = TellerError(
            .dataError, "\((errors.count - shown).grouped) more lines are invalid",
            advice: "nothing was sent")
        return CommandFailure(errors: errors.prefix(shown) + [rest])
    }
}
