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
        let fresh = Identifier.nowToCountFrom()
        // What is wrong is said before any hop, whichever ids it gets.
        var filled = file
        try filled.fillIDs(from: base ?? fresh)
        if isAtomic { try checkAtomic(filled) }
        let bank = try await bank.journaled()
        let steps = FileSteps(
            run: (file.sha256, bank.ledger, .now), isAtomic: isAtomic, isAgain: isAgain,
            given: base, fresh: fresh, user: bank.user)
        try await Interruption.trapping { interruption in
            try await TransferFileRun(
                file: file, bank: bank, output: output, interruption: interruption
            ).run(steps)
        }
    }

    /// What is wrong with a group is said before any hop.
    private func checkAtomic(_ file: TransferFile) throws {
        try CommandFailure.check(file.lines)
        guard file.lines.count <= TransferBatch.limit else {
            throw TellerError(
                .dataError,
                "--atomic: at most \(TransferBatch.limit) transfers are done together, and the "
                    + "file has \(file.lines.count.grouped)", advice: "nothing was sent")
        }
    }
}
