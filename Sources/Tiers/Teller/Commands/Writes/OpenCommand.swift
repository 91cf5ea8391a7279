import ArgumentParser
import BankAPI
import Ledger

/// `teller open`.
struct OpenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "open",
        abstract: "Open an account.",
        discussion: """
            The bank gives it its number. Repeated with the same --id, it is opened once.

            --output json prints the account as an object, with the request's id, bank, server \
            and, when it was done before, repeated.
            """)

    @Option(help: ArgumentHelp("The account's name, at most 140 characters.", valueName: "text"))
    var name: String

    @Option(
        help: ArgumentHelp("The account's currency, such as EUR.", valueName: "currency"),
        completion: .list(["EUR", "JPY", "USD"]))
    var currency: String

    @Option(
        help: ArgumentHelp(
            "How far below zero its balance may go. (default: 0)", valueName: "amount"))
    var limit: String?

    @OptionGroup var options: WriteOptions

    func validate() throws {
        _ = try checkedName()
        _ = try checkedLimit()
    }

    func run() async throws {
        let bank = try await options.bank.journaled()
        let request = OpenAccount(
            id: try options.checkedID(), ledger: bank.ledger, name: try checkedName(),
            overdraftLimit: try checkedLimit())
        try await options.open(request, at: bank)
    }

    private func checkedName() throws -> ShortText {
        try TextArguments.shortText(name, "--name: a name")
    }

    private func checkedLimit() throws -> Money {
        let currency: Currency
        do throws(CurrencyError) {
            currency = try Currency(self.currency)
        } catch {
            throw ValidationError("--currency: \(error)")
        }
        let money: Money
        do throws(MoneyError) {
            money = try Money(decimal: limit ?? "0", currency: currency)
        } catch {
            throw ValidationError("--limit: \(error)")
        }
        guard money.minorUnits >= 0 else {
            throw ValidationError("--limit: a limit is zero or more")
        }
        return money
    }
}
