import ArgumentParser
import Ledger

/// `teller close`.
struct CloseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "close",
        abstract: "Close an account whose balance is zero and that has no holds.",
        discussion: """
            --output json prints the account as an object, with the request's id, bank, server \
            and, when it was done before, repeated.
            """)

    @Argument(help: ArgumentHelp("The account's number.", valueName: "account"))
    var account: String

    @OptionGroup var options: WriteOptions

    func run() async throws {
        let account = try AccountArguments.one(account)
        let bank = try await options.bank.journaled()
        try await options.close(account, at: bank)
    }
}
