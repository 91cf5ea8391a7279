import ArgumentParser
import Ledger

/// `teller hold`.
struct HoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold",
        abstract: "Promise money of an account to another, for a time.",
        discussion: """
            Held money stays in the balance and is no longer available. 'teller post HOLD' moves \
            it, 'teller void HOLD' frees it, and so does the end of its time by the bank's clock.

            """ + WriteHelp.discussion)

    @Argument(help: WriteHelp.amount)
    var amount: String

    @Argument(help: ArgumentHelp("The account it is promised from.", valueName: "from"))
    var source: String

    @Argument(help: ArgumentHelp("The account it is promised to.", valueName: "to"))
    var destination: String

    @Option(
        help: ArgumentHelp("How long it lasts: 30s, 15m, 12h, 7d; 31d at most.", valueName: "time"),
        completion: .list(["15m", "1h", "1d", "7d"]))
    var expires: String = "15m"

    @Option(help: WriteHelp.memo)
    var memo: String?

    @OptionGroup var options: WriteOptions

    func validate() throws {
        _ = try TextArguments.memo(memo)
        _ = try checkedSeconds()
    }

    func run() async throws {
        let amount = try AmountArgument(amount)
        let source = try AccountArguments.one(source)
        let destination = try AccountArguments.one(destination)
        let (bank, money) = try await options.bank.journaled(amount, inTheCurrencyOf: source)
        try await options.perform(
            .hold(
                debit: source, credit: destination, amount: money, seconds: try checkedSeconds()),
            memo: try TextArguments.memo(memo), at: bank)
    }

    private func checkedSeconds() throws -> Int64 {
        guard let seconds = HoldDuration.seconds(expires) else {
            throw ValidationError(
                "--expires: a whole number and s, m, h or d is expected, from 1s to 31d")
        }
        return seconds
    }
}
