import ArgumentParser
import Ledger

/// `teller reverse`.
struct ReverseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reverse",
        abstract: "Move the money of a transfer back, once.",
        discussion: """
            For whoever got it. 'teller statement ACCOUNT --ids' shows the transfers' ids.

            """ + WriteOptions.discussion)

    @Argument(help: ArgumentHelp("The transfer's id.", valueName: "transfer"))
    var transfer: String

    @OptionGroup var options: TransferOptions

    func run() async throws {
        let transfer = try TextArguments.identifier(transfer, "transfer")
        try await options.perform(
            .reversal(of: transfer), at: try await options.options.bank.journaled())
    }
}
