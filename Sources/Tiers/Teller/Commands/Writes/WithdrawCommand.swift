import ArgumentParser
import Ledger

/// `teller withdraw`.
struct WithdrawCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "withdraw",
        abstract: "Take money out of an account, into the bank's cash.",
        discussion: WriteHelp.discussion)

    @OptionGroup var cash: CashOptions

    func run() async throws {
        try await cash.perform { .withdrawal(debit: $0, amount: $1) }
    }
}
