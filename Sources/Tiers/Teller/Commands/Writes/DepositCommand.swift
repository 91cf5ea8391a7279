import ArgumentParser
import Ledger

/// `teller deposit`.
struct DepositCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deposit",
        abstract: "Put money into an account, from the bank's cash.",
        discussion: WriteHelp.discussion)

    @OptionGroup var cash: CashOptions

    func run() async throws {
        try await cash.perform { .deposit(credit: $0, amount: $1) }
    }
}
