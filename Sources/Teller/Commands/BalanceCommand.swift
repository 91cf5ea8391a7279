import ArgumentParser
import BankAPI
import Chain
import Ledger

/// `teller balance`.
struct BalanceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "balance",
        abstract: "Show the balance of one or more accounts.",
        discussion: """
            Accounts are shown in the order given. Where some cannot be read, the others are \
            shown, each failure is a line on standard error, and the exit code is the first \
            failure's ('teller help exit-codes').

            --output json prints an array, of one account too: objects with account, name, \
            currency, balance (a decimal string) and version; with --explain also trace_id and \
            timings. Nothing is printed when no account could be read.
            """)

    @Argument(
        help: ArgumentHelp(
            "Account numbers, with or without spaces, such as XB45DEMO0000000017.",
            valueName: "account"))
    var accounts: [String]

    @Flag(help: "Draw the chain: what each tier did for the answer, and how long it took.")
    var explain = false

    @Option(help: "What to print: table or json.")
    var output: OutputFormat = .table

    @OptionGroup var bank: BankOptions

    func run() async throws {
        let numbers = try AccountArguments.parse(accounts)
        let client = try bank.client(isSampled: explain)
        let results = await BalanceQuery(client: client).run(numbers)
        let answers = results.compactMap { try? $0.get() }
        if !answers.isEmpty {
            let view = BalanceView(answers: answers, isExplained: explain)
            try StandardStreams.write(
                output == .json
                    ? try view.json() : view.table(on: Terminal.standardOutput()))
        }
        let failures = BalanceQuery.failures(of: results, numbers)
        if !failures.isEmpty { throw CommandFailure(errors: failures) }
    }
}
