import ArgumentParser
import Ledger

/// `teller deposit`.
struct DepositCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deposit",
        abstract: "Put money into an account, from the bank's cash. For operators.",
        discussion: WriteOptions.discussion)

    @OptionGroup var cash: CashOptions

    func run() async throws {
        try await cash.perform { .deposit(credit: $0, amount: $1) }
    }
}

/// `teller withdraw`.
struct WithdrawCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "withdraw",
        abstract: "Take money out of an account, into the bank's cash. For operators.",
        discussion: WriteOptions.discussion)

    @OptionGroup var cash: CashOptions

    func run() async throws {
        try await cash.perform { .withdrawal(debit: $0, amount: $1) }
    }
}

/// What the commands take that move money between an account and the bank's cash.
struct CashOptions: ParsableArguments {
    @Argument(help: AmountArgument.help)
    var amount: String

    @Argument(help: ArgumentHelp("The account's number.", valueName: "account"))
    var account: String

    @OptionGroup var transfer: TransferOptions

    /// Asks for the money to be moved.
    func perform(
        _ action: (AccountNumber, Money) -> TransferRequest.Action
    ) async throws {
        let amount = try AmountArgument(amount)
        let account = try AccountArguments.one(account)
        let (bank, money) = try await transfer.options.bank.journaled(
            amount, inTheCurrencyOf: account)
        try await transfer.perform(action(account, money), at: bank)
    }
}
