import ArgumentParser
import BankAPI
import Ledger

/// `teller open`.
struct OpenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "open",
        abstract: "Open an account. For operators.",
        discussion: "The bank gives it its number. Repeated with the same --id, it is opened once."
            + "\n\n" + CloseCommand.discussion)

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

    @Option(
        help: ArgumentHelp(
            "The user whose it is to be. (default: nobody, it is the bank's own)",
            valueName: "name"))
    var owner: String?

    @OptionGroup var options: WriteOptions

    func run() async throws {
        let owner = try owner.map { try TextArguments.userName($0, "--owner: ") }
        let name = try TextArguments.shortText(name, "--name: a name")
        let currency = try option("--currency") { try Currency(self.currency) }
        let limit = try option("--limit") {
            try Money(decimal: self.limit ?? "0", currency: currency)
        }
        guard limit.minorUnits >= 0 else {
            throw ValidationError("--limit: a limit is zero or more")
        }
        let bank = try await options.bank.journaled()
        let request = OpenAccount(
            id: try options.checkedID(), ledger: bank.ledger, name: name, overdraftLimit: limit,
            owner: owner)
        try await options.perform(.open(request), at: bank)
    }
}

/// `teller close`.
struct CloseCommand: AsyncParsableCommand {
    static let discussion = """
        --output json prints the account as an object, with the request's id, bank, server \
        and, when it was done before, repeated.
        """

    static let configuration = CommandConfiguration(
        commandName: "close",
        abstract: "Close an account whose balance is zero and that has no holds. For operators.",
        discussion: discussion)

    @Argument(help: ArgumentHelp("The account's number.", valueName: "account"))
    var account: String

    @OptionGroup var options: WriteOptions

    func run() async throws {
        let account = try AccountArguments.one(account)
        let write = BankWrite.close(account, id: try options.checkedID())
        try await options.perform(write, at: try await options.bank.journaled())
    }
}
