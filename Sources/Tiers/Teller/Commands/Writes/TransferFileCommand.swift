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

        A file that stopped early is run again, unchanged and with the same options, with the \
        --id that its run says: its lines then have the same ids, so nothing is done twice. \
        --id is for lines without an id of their own: the first line has it, and each line below \
        the next one, blank lines counted. Where the bank has another transfer under one of these \
        ids, nothing is sent. Without --id they are made anew, and all is done anew.

        Where some lines of an --atomic file were done before and others not, nothing is sent.

        --output json prints a JSON line for each line, with line, id, outcome, bank, server and, \
        of one done, transfer and repeated (when it was done before), else detail and the code of \
        a refusal.
        """

    var path: String
    var isAtomic: Bool
    /// What the ids of lines without one count up from, as given; `nil` to make it.
    var base: Identifier?
    var output: OutputFormat
    var bank: BankOptions

    func run() async throws {
        var file = try await TransferFile.read(path)
        let mayBeRecorded = base != nil || isAtomic && file.hasIDs
        try fillIDs(of: &file)
        if isAtomic { try checkAtomic(file) }
        let bank = try await bank.journaled()
        try await Interruption.trapping { [file] interruption in
            try await send(file, mayBeRecorded, bank, interruption)
        }
    }

    private func send(
        _ file: TransferFile, _ mayBeRecorded: Bool, _ bank: JournaledBank,
        _ interruption: Interruption
    ) async throws {
        let plan = try await interruption.cancelling(throwing: {
            [isAtomic] () throws(TellerError) in
            try await TransferPlan(file, isAtomic: isAtomic, client: bank.client)
        })
        if isAtomic, !plan.errors.isEmpty { throw Self.failure(plan.errors) }
        let recorded = mayBeRecorded ? try await recorded(plan, bank, interruption) : nil
        if base == nil { StandardStreams.complain(plan.repetition.announcement) }
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

    private func fillIDs(of file: inout TransferFile) throws(TellerError) {
        guard !file.fillIDs(from: base ?? .nowToCountFrom()) else { return }
        throw TellerError(
            .usage, "--id: too few ids follow on it for the file's lines",
            advice: "nothing was sent")
    }

    /// Lines that were done before are looked at before any is sent, and before the journal has them.
    private func recorded(
        _ plan: TransferPlan, _ bank: JournaledBank, _ interruption: Interruption
    ) async throws -> RecordedSteps {
        let recorded = try await interruption.cancelling(throwing: { () throws(TellerError) in
            try await RecordedSteps(plan, bank: bank)
        })
        if let base { try recorded.checkFile(of: base) }
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
            .dataError, "\((errors.count - shown).grouped) more lines are wrong",
            advice: "nothing was sent")
        return CommandFailure(errors: errors.prefix(shown) + [rest])
    }
}
