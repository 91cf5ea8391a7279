import ArgumentParser
import Ledger

/// `teller withdraw`.
struct WithdrawCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "withdraw",
        abstract: "Take money out of an account, into the bank's cash.",
        discussion: WriteHelp.discussion)

    @Argument(help: WriteHelp.amount)
    var amount: String

    @Argument(help: ArgumentHelp("The account's number.", valueName: "account"))
    var account: String

    @Option(help: WriteHelp.memo)
    var memo: String?

    @OptionGroup var options: WriteOptions

    func validate() throws {
        _ = try TextArguments.memo(memo)
    }

    func run() async throws {
        let amount = try AmountArgument(amount)
        let account = try AccountArguments.one(account)
        let (bank, money) = try await options.bank.journaled(amount, inTheCurrencyOf: account)
        try await options.perform(
            .withdrawal(debit: account, amount: money), memo: try TextArguments.memo(memo),
            at: bank)
    }
}
