import ArgumentParser
import BankAPI
import BankClient
import Ledger

/// `teller hold`.
struct HoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold",
        abstract: "Promise money of an account to another, for a time.",
        discussion: """
            Held money stays in the balance and is no longer available. Whoever is to get it moves it \
            with 'teller post HOLD', or frees it with 'teller void HOLD'; the end of its time by the \
            bank's clock frees it as well.

            """ + WriteOptions.discussion)

    @Argument(help: AmountArgument.help)
    var amount: String

    @Argument(help: ArgumentHelp("The account it is promised from.", valueName: "from"))
    var source: String

    @Argument(help: ArgumentHelp("The account it is promised to.", valueName: "to"))
    var destination: String

    @Option(
        help: ArgumentHelp("How long it lasts: 30s, 15m, 12h, 7d; 31d at most.", valueName: "time"),
        completion: .list(["15m", "1h", "1d", "7d"]))
    var expires: String = "15m"

    @OptionGroup var transfer: TransferOptions

    func run() async throws {
        let seconds = try checkedSeconds()
        let amount = try AmountArgument(amount)
        let source = try AccountArguments.one(source)
        let destination = try AccountArguments.one(destination)
        let (bank, money) = try await transfer.options.bank.journaled(
            amount, inTheCurrencyOf: source)
        try await transfer.perform(
            .hold(debit: source, credit: destination, amount: money, seconds: seconds), at: bank)
    }

    private func checkedSeconds() throws -> Int64 {
        let (digits, name) = expires.digitsAndUnit
        let units = ["s": Int64(1), "m": 60, "h": 3600, "d": 86_400]
        if let unit = units[name], let number = Int64(digits) {
            let (seconds, isLarge) = number.multipliedReportingOverflow(by: unit)
            if !isLarge, TransferRequest.holdSeconds.contains(seconds) { return seconds }
        }
        throw ValidationError(
            "--expires: a whole number and s, m, h or d is expected, from 1s to 31d")
    }
}

/// `teller post`.
struct PostCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "post",
        abstract: "Move the money of a hold, or a part of it.",
        discussion: """
            A hold is posted once: with --amount, the rest is available again.

            """ + WriteOptions.discussion)

    @Argument(help: ArgumentHelp("The hold's id.", valueName: "hold"))
    var hold: String

    @Option(help: ArgumentHelp("Only this part of it.", valueName: "amount"))
    var amount: String?

    @OptionGroup var transfer: TransferOptions

    func run() async throws {
        let hold = try TextArguments.identifier(hold, "hold")
        guard let amount = try amount.map(AmountArgument.init) else {
            let bank = try await transfer.options.bank.journaled()
            return try await transfer.perform(.post(hold: hold, amount: nil), at: bank)
        }
        let (bank, found) = try await transfer.options.bank.journaled { client in
            try await asking(await client.transfer(hold))
        }
        guard let currency = found.record?.amount?.currency else {
            throw TellerError(
                .refused, "refused: there is no hold \(hold)", advice: "nothing was sent")
        }
        let part = try amount.money(in: currency)
        try await transfer.perform(.post(hold: hold, amount: part), at: bank)
    }
}

/// `teller void`.
struct VoidCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "void",
        abstract: "Free the money of a hold.",
        discussion: WriteOptions.discussion)

    @Argument(help: ArgumentHelp("The hold's id.", valueName: "hold"))
    var hold: String

    @OptionGroup var options: WriteOptions

    func run() async throws {
        let hold = try TextArguments.identifier(hold, "hold")
        try await options.perform(.void(hold: hold), at: try await options.bank.journaled())
    }
}
