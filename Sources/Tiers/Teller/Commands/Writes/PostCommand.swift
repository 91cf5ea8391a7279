import ArgumentParser
import BankAPI
import BankClient
import Ledger

/// `teller post`.
struct PostCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "post",
        abstract: "Move the money of a hold, or a part of it.",
        discussion: """
            A hold is posted once: with --amount, the rest is available again.

            """ + WriteHelp.discussion)

    @Argument(help: ArgumentHelp("The hold's id.", valueName: "hold"))
    var hold: String

    @Option(help: ArgumentHelp("Only this part of it.", valueName: "amount"))
    var amount: String?

    @Option(help: WriteHelp.memo)
    var memo: String?

    @OptionGroup var options: WriteOptions

    func validate() throws {
        _ = try TextArguments.memo(memo)
    }

    func run() async throws {
        let hold = try TextArguments.identifier(hold, "hold")
        let memo = try TextArguments.memo(memo)
        guard let amount = try amount.map(AmountArgument.init) else {
            let bank = try await options.bank.journaled()
            return try await options.perform(.post(hold: hold, amount: nil), memo: memo, at: bank)
        }
        let (bank, found) = try await options.bank.journaled { client in
            try await asking(await client.transfer(hold))
        }
        guard let currency = found.record?.amount?.currency else {
            throw TellerError(
                .refused, "refused: there is no hold \(hold)", advice: "nothing was sent")
        }
        try await options.perform(
            .post(hold: hold, amount: try amount.money(in: currency)), memo: memo, at: bank)
    }
}
