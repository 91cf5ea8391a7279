import ArgumentParser
import Ledger

/// `teller reverse`.
struct ReverseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reverse",
        abstract: "Move the money of a transfer back, once.",
        discussion: """
            'teller statement ACCOUNT --ids' shows the transfers' ids.

            """ + WriteHelp.discussion)

    @Argument(help: ArgumentHelp("The transfer's id.", valueName: "transfer"))
    var transfer: String

    @Option(help: WriteHelp.memo)
    var memo: String?

    @OptionGroup var options: WriteOptions

    func validate() throws {
        _ = try TextArguments.memo(memo)
    }

    func run() async throws {
        let transfer = try TextArguments.identifier(transfer, "transfer")
        try await options.perform(
            .reversal(of: transfer), memo: try TextArguments.memo(memo),
            at: try await options.bank.journaled())
    }
}
