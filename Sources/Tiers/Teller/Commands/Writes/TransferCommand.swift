import ArgumentParser
import BankAPI
import Ledger

/// `teller transfer`.
struct TransferCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transfer",
        abstract: "Move money from one account to another, or do all transfers of a file.",
        usage: """
            teller transfer <amount> <from> <to> [--memo <text>] [--id <uuid>]
            teller transfer --file <file> [--atomic] [--again] [--id <uuid>]
            """,
        discussion: WriteOptions.discussion + "\n\n" + TransferFileCommand.discussion)

    @Argument(help: AmountArgument.help)
    var amount: String?

    @Argument(help: ArgumentHelp("The account it is taken from.", valueName: "from"))
    var source: String?

    @Argument(help: ArgumentHelp("The account it goes to.", valueName: "to"))
    var destination: String?

    @Option(help: TransferOptions.memoHelp)
    var memo: String?

    @Option(
        help: ArgumentHelp(
            "Do the transfers of this file; - is standard input.", valueName: "file"),
        completion: .file(extensions: ["csv", "jsonl"]))
    var file: String?

    @Flag(
        help: ArgumentHelp(
            "Do all transfers of the file or none, at most \(TransferBatch.limit)."))
    var atomic = false

    @Flag(help: "Do a file anew that was done before.")
    var again = false

    @OptionGroup var options: WriteOptions

    func validate() throws {
        _ = try TextArguments.memo(memo)
        guard file != nil else {
            if atomic { throw ValidationError("--atomic: it is for the transfers of a --file") }
            if again { throw ValidationError("--again: it is for the transfers of a --file") }
            return _ = try single()
        }
        guard amount == nil, memo == nil else {
            throw ValidationError("--file: each line has its own amount, accounts and memo")
        }
        guard !again || options.id == nil else {
            throw ValidationError("--again makes new ids, and --id gives them: only one of them")
        }
    }

    func run() async throws {
        if let file {
            return try await TransferFileCommand(
                path: file, isAtomic: atomic, isAgain: again, base: try options.givenID(),
                output: options.output, bank: options.bank
            ).run()
        }
        let (amount, source, destination) = try single()
        try await transfer(
            AmountArgument(amount), AccountArguments.one(source), AccountArguments.one(destination))
    }

    private func transfer(
        _ amount: AmountArgument, _ source: AccountNumber, _ destination: AccountNumber
    ) async throws {
        let (bank, money) = try await options.bank.journaled(amount, inTheCurrencyOf: source)
        try await options.perform(
            .transfer(debit: source, credit: destination, amount: money),
            memo: try TextArguments.memo(memo), at: bank)
    }

    private func single() throws -> (amount: String, source: String, destination: String) {
        guard let amount else { throw ValidationError("Missing expected argument '<amount>'") }
        guard let source else { throw ValidationError("Missing expected argument '<from>'") }
        guard let destination else { throw ValidationError("Missing expected argument '<to>'") }
        return (amount, source, destination)
    }
}
