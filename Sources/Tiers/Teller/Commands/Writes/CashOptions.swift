import ArgumentParser
import Ledger

/// What the commands take that move money between an account and the bank's cash.
struct CashOptions: ParsableArguments {
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

    /// Asks for the money to be moved.
    func perform(
        _ action: (AccountNumber, Money) -> TransferRequest.Action
    ) async throws {
        let amount = try AmountArgument(amount)
        let account = try AccountArguments.one(account)
        let (bank, money) = try await options.bank.journaled(amount, inTheCurrencyOf: account)
        try await options.perform(
            action(account, money), memo: try TextArguments.memo(memo), at: bank)
    }
}
